/**
 * hostendpoint-operator's Deployment -> settings by which every node keeps the endpoint that it has.
 *
 * In: the Deployment (its container's variables), the nodes. Out: one entry, and what could not be read. Pure.
 * Its endpoints: named as the node, no interfaceName, no profiles, the Node's IPv4 addresses, its labels but for a regular expression
 * (which matches from the beginning of the key), no mark of an owner (docs/needs.md 4).
 */
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "../model/read-json.ts";
import type { ImportedEndpoint, ImportedSettings } from "./imported-settings.ts";

/** Name of the container in its chart; the Deployment's own name is free. */
export const OPERATOR_CONTAINER = "hostendpoint-operator";

/** What it leaves out where NODE_LABELS_EXCLUDE_REGEX is not set. */
export const OPERATOR_EXCLUDES =
  "^(node\\.kubernetes\\.io/.*|kubernetes\\.io/.*|beta\\.kubernetes\\.io/.*|kubelet\\.kubernetes\\.io/.*|node-role\\.kubernetes\\.io/.*-timestamp.*|.*-timestamp.*|.*\\.timestamp.*|.*-last-.*|.*\\.last-.*|.*-heartbeat.*|.*\\.heartbeat.*|.*-update.*|.*\\.update.*)$";

const LEAST_SECONDS = 10;
const USUAL_SECONDS = 60;

export type OperatorSource = {
  /** Those with a container of that name, wherever they are. */
  readonly deployments: readonly KubernetesObject[];
  readonly nodes: readonly Node[];
  /** A regular expression of Python as one of JavaScript. */
  readonly translate: (python: string) => string;
};

export function importOperator({ deployments, nodes, translate }: OperatorSource): ImportedSettings {
  const [deployment, ...others] = deployments;
  if (deployment === undefined)
    return nothing(
      `no Deployment in any namespace has a container ${OPERATOR_CONTAINER}: there is nobody whose settings could be read`,
    );
  if (others.length > 0)
    return nothing(
      `${deployments.length} Deployments have a container ${OPERATOR_CONTAINER} (${deployments.map((it) => `${it.metadata.namespace ?? ""}/${it.metadata.name}`).join(", ")}): they work on the same endpoints, scale all but one to 0`,
    );
  const variables = readVariables(deployment);
  const problems = [...variables.unreadable, ...regexProblems(variables.values, translate)];
  if (problems.length > 0) return { ...nothing(...problems), notes: notesOn(variables.values) };
  return {
    settings: settingsOf(variables.values),
    endpoints: [entryOf(variables.values, nodes, translate)],
    notes: [
      `What Deployment ${deployment.metadata.namespace ?? ""}/${deployment.metadata.name} does now. Put these settings in use, take its endpoints over with`,
      '"hepctl adopt --from operator --all", and then scale it to 0: it deletes no endpoint.',
      ...notesOn(variables.values),
      ...IMPROVEMENTS,
    ],
    problems: [],
  };
}

type Values = ReadonlyMap<string, string>;

function readVariables(deployment: KubernetesObject): {
  readonly values: Values;
  readonly unreadable: readonly string[];
} {
  const pod = objectAt(objectAt(deployment.spec, "template"), "spec");
  const container: JsonObject =
    arrayAt(pod, "containers")
      .filter(isJsonObject)
      .find((it) => it["name"] === OPERATOR_CONTAINER) ?? {};
  const entries = arrayAt(container, "env").filter(isJsonObject);
  const values = new Map<string, string>();
  const unreadable: string[] = [];
  for (const entry of entries) {
    const name = stringAt(entry, "name") ?? "";
    if (entry["valueFrom"] !== undefined && entry["valueFrom"] !== null) {
      if (DECIDING.includes(name))
        unreadable.push(
          `${name}: it comes from ${Object.keys(objectAt(entry, "valueFrom")).join(", ")}, which is not read; set its value in the Deployment for the move`,
        );
    } else values.set(name, stringAt(entry, "value") ?? "");
  }
  if (arrayAt(container, "envFrom").length > 0)
    unreadable.push(
      "envFrom: variables come from a ConfigMap or Secret, which is not read; set them in the Deployment for the move",
    );
  return { values, unreadable };
}

/** Variables that decide what an endpoint looks like. */
const DECIDING: readonly string[] = ["NODE_LABELS_INCLUDE_REGEX", "NODE_LABELS_EXCLUDE_REGEX"];

function regexProblems(values: Values, translate: (python: string) => string): readonly string[] {
  return DECIDING.flatMap((name) => {
    const text = values.get(name);
    if (text === undefined || text === "") return [];
    try {
      new RegExp(translate(text), "u");
      return [];
    } catch (error) {
      return [`${name}: it is no regular expression here: ${error instanceof Error ? error.message : text}`];
    }
  });
}

function entryOf(
  values: Values,
  nodes: readonly Node[],
  translate: (python: string) => string,
): ImportedEndpoint {
  const include = values.get("NODE_LABELS_INCLUDE_REGEX") ?? "";
  const exclude = values.get("NODE_LABELS_EXCLUDE_REGEX") ?? OPERATOR_EXCLUDES;
  const labels = {
    ...(include === "" ? {} : { include: [translate(include)] }),
    ...(exclude === "" ? {} : { exclude: [translate(exclude)] }),
  };
  const hasIPv6 = nodes.some((it) => it.addresses.some(({ address }) => address.includes(":")));
  return {
    entry: {
      name: "{node}",
      interface: "",
      ...(hasIPv6 ? { cidrs: ["0.0.0.0/0"] } : {}),
      profiles: [],
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    },
    comments: [
      "By address, without a profile: what no policy allows is denied.",
      ...(hasIPv6
        ? ["IPv4 only: it writes IPv6 addresses into a field that HostEndpoints do not have."]
        : []),
    ],
  };
}

function settingsOf(values: Values): JsonObject {
  const level = LEVELS[(values.get("LOG_LEVEL") ?? "INFO").toUpperCase()] ?? "info";
  const seconds = values.get("SCAN_INTERVAL_SECONDS");
  const minutes = Math.max(1, Math.round(secondsOf(seconds) / 60));
  return {
    ...(level === "info" ? {} : { logLevel: level }),
    ...(seconds === undefined
      ? {}
      : { schedule: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})` }),
  };
}

const LEVELS: Readonly<Record<string, string>> = {
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** Python's int(); what it cannot read becomes 60, what is less than 10 becomes 10. */
function secondsOf(text: string | undefined): number {
  if (text === undefined || !/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) return USUAL_SECONDS;
  return Math.max(LEAST_SECONDS, Number(text.replaceAll("_", "")));
}

function notesOn(values: Values): readonly string[] {
  const seconds = values.get("SCAN_INTERVAL_SECONDS");
  const read = secondsOf(seconds);
  return [
    ...(seconds === undefined || String(read) === seconds.trim()
      ? []
      : [`SCAN_INTERVAL_SECONDS "${seconds.slice(0, 40)}" counts as ${read} there.`]),
    ...["CALICO_API_GROUP", "CALICO_API_VERSION", "CALICO_PLURAL"]
      .filter((it) => values.has(it))
      .map((it) => `${it} is ignored: Calico's API group, version and names are discovered.`),
    ...(values.has("OPERATOR_ID")
      ? ["OPERATOR_ID is ignored: it marks no endpoint there; ours carry the owner label of `id`."]
      : []),
  ];
}

/** What these settings leave as it is, and what each change would do. */
const IMPROVEMENTS = [
  "Then, one by one, each with its own plan:",
  '1. interface: "*" also governs interfaces whose address the Node does not list; policies must allow what goes over them.',
  "2. profiles: [projectcalico-default-allow] lets through what no policy selects, where all of it is denied now: it opens, and asks for --accept-loosening.",
  "3. labels without exclude copies all labels of the Node: policies may select endpoints by them.",
];

function nothing(...problems: readonly string[]): ImportedSettings {
  return {
    settings: {},
    endpoints: [
      {
        entry: { name: "{node}", nodes: "!all()" },
        comments: ["It selects no node: nothing is made until what is said above is settled."],
      },
    ],
    notes: [],
    problems,
  };
}
