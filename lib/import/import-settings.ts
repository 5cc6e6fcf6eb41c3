/**
 * Calico's own configuration of automatic host endpoints -> the entries of `endpoints` that give the same endpoints the
 * same names, so that `adopt` takes them over without a gap.
 *
 * In: KubeControllersConfiguration/default as served. Out: entries with comments on what has no equivalent. Pure.
 * Source: docs/calico.md 16 and 0 item 8.
 */
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringsAt } from "../model/read-json.ts";
import { ALLOW_PROFILE, AUTO_HOST_ENDPOINT_SUFFIX } from "../names/names.ts";
import { checkSelector } from "../policy/selector/parse-selector.ts";

export type ImportedSettings = {
  readonly endpoints: readonly ImportedEndpoint[];
  /** On the whole. */
  readonly notes: readonly string[];
};
export type ImportedEndpoint = {
  /** As in a settings file; only what differs from the defaults. */
  readonly entry: JsonObject;
  readonly comments: readonly string[];
};

/** Undefined: there is no such object. */
export function importSettings(configuration: KubernetesObject | undefined): ImportedSettings {
  const hostEndpoint = objectAt(
    objectAt(objectAt(configuration?.spec, "controllers"), "node"),
    "hostEndpoint",
  );
  const autoCreate = hostEndpoint["autoCreate"] === "Enabled";
  const imported = arrayAt(hostEndpoint, "templates").filter(isJsonObject).map(importTemplate);
  const hasDefault = ["Enabled", "", undefined].includes(stringAt(hostEndpoint, "createDefaultHostEndpoint"));
  return {
    endpoints: [...(hasDefault ? [defaultEndpoint] : []), ...imported.flatMap((it) => it.endpoints)],
    notes: [
      ...(autoCreate
        ? [
            "Calico creates host endpoints itself (autoCreate: Enabled). Put these settings in use, take the endpoints over with",
            '"hepctl adopt", and then set autoCreate to Disabled: it deletes only what still carries its label.',
          ]
        : [
            "Calico creates no host endpoints now (autoCreate is not Enabled): there is nothing to take over, these are its settings all the same.",
          ]),
      ...imported.flatMap((it) => it.notes),
    ],
  };
}

const ADDRESSES =
  "Calico also lists tunnel and interface addresses; these endpoints list the Node's InternalIP only.";

const defaultEndpoint: ImportedEndpoint = {
  entry: { name: `{node}${AUTO_HOST_ENDPOINT_SUFFIX}`, addresses: ["InternalIP"], profiles: [ALLOW_PROFILE] },
  comments: ["Calico's default host endpoint.", ADDRESSES],
};

type ImportedTemplate = {
  readonly endpoints: readonly ImportedEndpoint[];
  readonly notes: readonly string[];
};

function importTemplate(template: JsonObject): ImportedTemplate {
  const generateName = stringAt(template, "generateName") ?? "";
  const cidrs = stringsAt(template, "interfaceCIDRs");
  const pattern = stringAt(template, "interfacePattern") ?? "";
  const what = `template "${generateName}"`;
  const shared = sharedFields(template);
  const byCidr: readonly ImportedEndpoint[] =
    cidrs.length === 0
      ? []
      : [
          {
            entry: {
              name: `{node}-${generateName}${AUTO_HOST_ENDPOINT_SUFFIX}`,
              interface: "",
              cidrs,
              ...shared.fields,
            },
            comments: [
              `Calico's ${what}: by address, inside its interfaceCIDRs.`,
              ADDRESSES,
              ...shared.comments,
            ],
          },
        ];
  const interfaces = namedInterfaces(pattern);
  const byPattern = interfaces.map((name) => ({
    entry: {
      name: `{node}-${generateName}-${name}${AUTO_HOST_ENDPOINT_SUFFIX}`,
      interface: name,
      ...shared.fields,
    },
    comments: [
      `Calico's ${what}, for interface ${name}.`,
      "A node without that interface gets the endpoint too; it enforces nothing there.",
      ...shared.comments,
    ],
  }));
  return { endpoints: [...byCidr, ...byPattern], notes: notesOn({ what, cidrs, pattern, interfaces }) };
}

function notesOn(template: {
  readonly what: string;
  readonly cidrs: readonly string[];
  readonly pattern: string;
  readonly interfaces: readonly string[];
}): readonly string[] {
  const { what, cidrs, pattern, interfaces } = template;
  if (pattern === "" && cidrs.length === 0)
    return [
      `${what} names neither interfaceCIDRs nor an interfacePattern: Calico makes no endpoint of it, so nothing is here.`,
    ];
  if (pattern === "" || interfaces.length > 0) return [];
  return [
    `${what}: interfacePattern "${pattern}" has no equivalent, because the interfaces of a node are not part of its Node.`,
    "Write one entry for each interface name that it stands for, with interface: NAME.",
  ];
}

function sharedFields(template: JsonObject): {
  readonly fields: JsonObject;
  readonly comments: readonly string[];
} {
  const nodes = stringAt(template, "nodeSelector") ?? "";
  const labels = objectAt(template, "labels");
  const problem = nodes === "" ? undefined : checkSelector(nodes);
  return {
    fields: {
      ...(nodes === "" || problem !== undefined ? {} : { nodes }),
      addresses: ["InternalIP"],
      profiles: [ALLOW_PROFILE],
      ...(Object.keys(labels).length === 0 ? {} : { labels: { set: labels } }),
    },
    comments:
      problem === undefined
        ? []
        : [
            `Its nodeSelector "${nodes}" is invalid (${problem}); Calico gives up on each node at it. Here it is left out: all nodes.`,
          ],
  };
}

/** Names that an anchored pattern spells out: `^eth0$`, `^(eth0|eth1)$`. Anything else may match more than a list says. */
function namedInterfaces(pattern: string): readonly string[] {
  const match = /^\^(?:\(([\w|-]+)\)|([\w-]+))\$$/.exec(pattern);
  const names = (match?.[1] ?? match?.[2] ?? "").split("|").filter((it) => it !== "");
  return names.every((it) => it.length <= 15) ? [...new Set(names)] : [];
}
