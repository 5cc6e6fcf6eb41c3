/**
 * Calico's own configuration of automatic host endpoints -> the entries of `endpoints` that give the same endpoints the
 * same names, so that `adopt` takes them over without a gap.
 *
 * In: KubeControllersConfiguration/default as served. Out: entries with comments, and what cannot be carried over. Pure.
 * Must never happen: settings by which a node gets what Calico does not give it. Source: docs/calico.md 16 and 0 item 8.
 */
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import { stringAt } from "../model/read-json.ts";
import { AUTO_HOST_ENDPOINT_SUFFIX } from "../names/names.ts";
import { autoCreationOf, type AutoCreation } from "../snapshot/auto-creation.ts";
import { AUTO_FIELDS } from "./auto-fields.ts";
import { importTemplate } from "./import-template.ts";
import { NO_ENDPOINT, type ImportedEndpoint, type ImportedSettings } from "./imported-settings.ts";

export type ImportOptions = {
  /**
   * `now`: what Calico does now, which is nothing while autoCreate is off. `configured`: what it did until it was switched off,
   * for an installation that has taken its endpoints over.
   */
  readonly as: "now" | "configured";
};

/** Undefined: there is no such object. */
export function importSettings(
  configuration: KubernetesObject | undefined,
  { as }: ImportOptions = { as: "now" },
): ImportedSettings {
  const creation = autoCreationOf(configuration);
  if (creation.kind === "on") return importConfiguration(creation);
  // A controller that is switched off shows nothing of its configuration as running.
  const configured =
    as === "configured" ? autoCreationOf(configuration && specOnly(configuration)) : creation;
  if (as === "configured" && configured.kind === "off") return importConfiguration(configured);
  return { settings: {}, endpoints: [NO_ENDPOINT], notes: [whyNothing(creation)], problems: [] };
}

function specOnly({ apiVersion, kind, metadata, spec = {} }: KubernetesObject): KubernetesObject {
  return { apiVersion, kind, metadata, spec };
}

function whyNothing(creation: AutoCreation): string {
  switch (creation.kind) {
    case "absent":
      return "There is no KubeControllersConfiguration/default: Calico creates no host endpoints (autoCreate is not Enabled).";
    case "frozen":
      return "Calico's node controller does not run (controllers.node is absent): its endpoints stay as they are, and it makes no more (autoCreate is not Enabled).";
    case "off":
    case "on":
      return "Calico creates no host endpoints now (autoCreate is not Enabled): there is nothing to take over.";
  }
}

const HOST_ENDPOINT_FIELDS = ["autoCreate", "createDefaultHostEndpoint", "templates"];

function importConfiguration({
  hostEndpoint,
  origin,
  kind,
}: Extract<AutoCreation, { readonly hostEndpoint: JsonObject }>): ImportedSettings {
  const unknown = Object.keys(hostEndpoint).filter((it) => !HOST_ENDPOINT_FIELDS.includes(it));
  const hasDefault = ["Enabled", "", undefined, null].includes(
    hostEndpoint["createDefaultHostEndpoint"] as string | null | undefined,
  );
  const templates = readTemplates(hostEndpoint, hasDefault);
  const endpoints = [...(hasDefault ? [DEFAULT_ENDPOINT] : []), ...templates.endpoints];
  return {
    settings: {},
    endpoints: endpoints.length === 0 ? [NO_ENDPOINT] : endpoints,
    notes: [...nowNotes(kind), ...originNotes(origin), ...templates.notes],
    problems: [
      ...unknown.map((it) => `hostEndpoint.${it}: it is not known here, and may narrow what Calico makes`),
      ...templates.problems,
    ],
  };
}

function nowNotes(kind: "on" | "off"): readonly string[] {
  return kind === "on"
    ? [
        "Calico creates host endpoints itself (autoCreate: Enabled). Put these settings in use, take the endpoints over with",
        '"hepctl adopt --from auto --all", which tells when to set autoCreate to Disabled: Calico then deletes only what still carries its label.',
      ]
    : [
        "Calico creates no host endpoints any more; these are the settings that it had, for those which were taken over.",
      ];
}

function originNotes(origin: "spec" | "running"): readonly string[] {
  return origin === "running"
    ? ["Read from status.runningConfig, which includes what the environment of kube-controllers says."]
    : [];
}

const DEFAULT_ENDPOINT: ImportedEndpoint = {
  entry: {
    name: `{node}${AUTO_HOST_ENDPOINT_SUFFIX}`,
    ...AUTO_FIELDS.sources,
    ...AUTO_FIELDS.profiles,
    labels: AUTO_FIELDS.labels,
  },
  comments: ["Calico's default host endpoint."],
};

type ReadTemplates = Pick<ImportedSettings, "endpoints" | "notes" | "problems">;

function readTemplates(hostEndpoint: JsonObject, hasDefault: boolean): ReadTemplates {
  const raw = hostEndpoint["templates"] ?? [];
  if (!Array.isArray(raw))
    return { endpoints: [], notes: [], problems: ["hostEndpoint.templates: it is no list"] };
  const endpoints: ImportedEndpoint[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  const taken = new Map(hasDefault ? [[`{node}${AUTO_HOST_ENDPOINT_SUFFIX}`, "the default endpoint"]] : []);
  let stoppedAt: string | undefined;
  for (const [index, template] of raw.entries()) {
    const path = `hostEndpoint.templates[${index}]${titleOf(template)}`;
    if (stoppedAt !== undefined) {
      problems.push(`${path}: Calico makes nothing of what comes after ${stoppedAt}`);
      continue;
    }
    const imported = importTemplate(template);
    if (imported.kind === "nothing") notes.push(`${path}: ${imported.because}, so nothing is here.`);
    else if (imported.kind === "refused") {
      problems.push(`${path}: ${imported.problem}`);
      if (imported.stops) stoppedAt = path;
    } else {
      const name = stringAt(imported.endpoint.entry, "name") ?? "";
      const other = taken.get(name);
      taken.set(name, path);
      if (other === undefined) endpoints.push(imported.endpoint);
      else
        problems.push(
          `${path}: its endpoints have the names of those of ${other}; in Calico the two write over each other. Give it a generateName of its own`,
        );
    }
  }
  return { endpoints, notes, problems };
}

function titleOf(template: unknown): string {
  const name = stringAt(template as JsonObject, "generateName");
  return name === undefined || name === "" ? "" : ` ("${name.slice(0, 63)}")`;
}
