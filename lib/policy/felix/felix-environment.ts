/**
 * What the DaemonSet `calico-node` says of Felix: its `FELIX_…` variables are stronger than every FelixConfiguration.
 * Source: docs/calico.md 11 ("Config resolution") and 13; stock manifests set FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT.
 */
import type { JsonValue, KubernetesObject, StringMap } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt } from "../../model/read-json.ts";
import type { FelixSource } from "./felix-settings.ts";

export const CALICO_NODE = "calico-node";

export type FelixEnvironment = {
  /** `Kind/namespace/name` of the first of the DaemonSets. */
  readonly object: string;
  /** `FELIX_…` variables in upper case; an empty value says nothing to Felix, and is left out. */
  readonly values: StringMap;
  /** Variables whose value stands elsewhere (a ConfigMap, a Secret), or in which several DaemonSets differ. Sorted. */
  readonly unreadable: readonly string[];
};

export function isCalicoNode({ kind, metadata }: KubernetesObject): boolean {
  return kind === "DaemonSet" && metadata.name === CALICO_NODE;
}

/** Undefined when there is no DaemonSet `calico-node` among the objects. */
export function readFelixEnvironment(objects: readonly KubernetesObject[]): FelixEnvironment | undefined {
  const daemonSets = objects.filter(isCalicoNode);
  const [first] = daemonSets;
  if (first === undefined) return undefined;
  const each = daemonSets.map(variablesOf);
  const names = [...new Set(each.flatMap((it) => [...it.keys()]))].sort();
  const unreadable = names.filter((name) => {
    const values = new Set(each.map((it) => it.get(name)));
    return values.size > 1 || values.has(ELSEWHERE);
  });
  const { namespace, name } = first.metadata;
  return {
    object: namespace === undefined ? `DaemonSet/${name}` : `DaemonSet/${namespace}/${name}`,
    values: Object.fromEntries(
      names.flatMap((it) => {
        const value = each[0]?.get(it);
        return unreadable.includes(it) || typeof value !== "string" || value === "" ? [] : [[it, value]];
      }),
    ),
    unreadable,
  };
}

/** Stands for a value that is not in the DaemonSet itself. */
const ELSEWHERE = Symbol("elsewhere");

function variablesOf(daemonSet: KubernetesObject): ReadonlyMap<string, string | typeof ELSEWHERE> {
  const template = objectAt(objectAt(daemonSet.spec, "template"), "spec");
  const containers = arrayAt(template, "containers").filter(isJsonObject);
  const container = containers.find((it) => it["name"] === CALICO_NODE) ?? containers[0];
  return new Map(
    arrayAt(container, "env")
      .filter(isJsonObject)
      .flatMap(({ name, value, valueFrom }) => {
        if (typeof name !== "string" || !/^felix_/i.test(name)) return [];
        const stands = valueFrom === undefined || valueFrom === null;
        return [[name.toUpperCase(), stands ? (typeof value === "string" ? value : "") : ELSEWHERE] as const];
      }),
  );
}

/** The environment as a source of settings. A list of failsafes that cannot be read counts as empty: nobody may rely on it. */
export function environmentSource({ object, values, unreadable }: FelixEnvironment): FelixSource {
  const given = DECIDING_FIELDS.flatMap((field) => {
    const variable = variableOf(field);
    if (unreadable.includes(variable)) return field.startsWith("failsafe") ? [[field, "none"] as const] : [];
    const value = values[variable];
    return value === undefined ? [] : [[field, readValue(field, value)] as const];
  });
  return { object, name: "", spec: Object.fromEntries(given), nodeSelector: undefined, createdAt: "" };
}

/** Variables that decide verdicts, and whose values are not known. Sorted. */
export function unreadableSettings({ unreadable }: FelixEnvironment): readonly string[] {
  const deciding = new Set(DECIDING_FIELDS.map(variableOf));
  return unreadable.filter((it) => deciding.has(it));
}

/** `failsafeInboundHostPorts` -> `FELIX_FAILSAFEINBOUNDHOSTPORTS` */
export function variableOf(field: string): string {
  return `FELIX_${field.toUpperCase()}`;
}

/** Does Felix get its data from Typha? Undefined when the value stands elsewhere. Felix reads `none` as nothing. */
export function usesTypha({ values, unreadable }: FelixEnvironment): boolean | undefined {
  const variables = ["FELIX_TYPHAADDR", "FELIX_TYPHAK8SSERVICENAME"];
  if (variables.some((it) => values[it] !== undefined && values[it].toLowerCase() !== "none")) return true;
  return variables.some((it) => unreadable.includes(it)) ? undefined : false;
}

/** Felix's own spellings of yes and no, in any case; numbers as numbers. */
function readValue(field: string, text: string): JsonValue {
  if (/(Enabled|EnabledV6|Check)$/.test(field)) return /^(true|1|yes|y|t)$/i.test(text);
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

/** Fields that decide verdicts (docs/calico.md 13). */
const DECIDING_FIELDS = [
  "failsafeInboundHostPorts",
  "failsafeOutboundHostPorts",
  "defaultEndpointToHostAction",
  "interfacePrefix",
  "interfaceExclude",
  "disableConntrackInvalidCheck",
  "bpfEnabled",
  "bpfDataIfacePattern",
  "nftablesMode",
  "vxlanEnabled",
  "vxlanPort",
  "ipipEnabled",
  "wireguardEnabled",
  "wireguardEnabledV6",
  "wireguardListeningPort",
  "wireguardListeningPortV6",
] as const;
