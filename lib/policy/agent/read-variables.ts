import { ascending } from "../../model/ascending.ts";
import type { AgentVariables } from "../../model/calico-agent.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "../../model/read-json.ts";

/** A container with more entries, or longer values, than anybody writes: the rest is not looked at, and counts as unseen. */
const MOST_ENTRIES = 2_000;
const LONGEST_VALUE = 32_768;

/**
 * Stock manifests take this ConfigMap in whole, for KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT of eBPF mode. Its name
 * is Calico's own, and it holds nothing of Felix.
 */
const API_SERVER_CONFIG_MAP = "ConfigMap/kubernetes-services-endpoint";

const API_GROUP = "CALICO_API_GROUP";

/**
 * What a container's environment says of Felix, as the kubelet makes it and Felix reads it: of two entries of one name the last
 * counts, what an entry sets beats what a ConfigMap or a Secret brings, `FELIX_` and what follows it are read in any case, and
 * `$(NAME)` stands for an entry before it. Names that differ in case only have no order; their values are unseen when they differ.
 * Source: docs/calico.md 11 ("Config resolution"), docs/calico-versions.md 1 ("Env of the main container").
 */
export function readVariables(container: JsonObject): AgentVariables & { readonly apiGroup?: string } {
  const entries = arrayAt(container, "env");
  const byName = readEntries(entries.slice(0, MOST_ENTRIES).filter(isJsonObject));
  const byVariable = new Map<string, string | undefined>();
  for (const [name, value] of byName) {
    if (!/^felix_/i.test(name)) continue;
    const variable = name.toUpperCase();
    const differs = byVariable.has(variable) && byVariable.get(variable) !== value;
    byVariable.set(variable, differs ? undefined : value);
  }
  const apiGroup = byName.get(API_GROUP);
  const known = [...byVariable].filter((it): it is [string, string] => it[1] !== undefined && it[1] !== "");
  return {
    values: Object.fromEntries(known.sort(ascending(([name]) => name))),
    unreadable: [...byVariable].flatMap(([name, value]) => (value === undefined ? [name] : [])).sort(),
    sources: [
      ...new Set([
        ...arrayAt(container, "envFrom").slice(0, MOST_ENTRIES).flatMap(sourceOf),
        ...(entries.length > MOST_ENTRIES ? [`entries of env after the first ${MOST_ENTRIES}`] : []),
      ]),
    ].sort(),
    ...(apiGroup === undefined || apiGroup === "" ? {} : { apiGroup }),
  };
}

/** Undefined: nobody can see the value from here. */
function readEntries(entries: readonly JsonObject[]): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>();
  for (const entry of entries) {
    const name = stringAt(entry, "name");
    if (name === undefined || name === "") continue;
    const { valueFrom } = entry;
    const stands = valueFrom === undefined || valueFrom === null;
    values.set(name, stands ? expand(stringAt(entry, "value") ?? "", values) : undefined);
  }
  return values;
}

/** What is no entry before it may be a variable that the kubelet adds: unseen. `$$` is a dollar. */
function expand(value: string, before: ReadonlyMap<string, string | undefined>): string | undefined {
  if (value.length > LONGEST_VALUE) return undefined;
  if (!value.includes("$")) return value;
  let unseen = false;
  let length = 0;
  const expanded = value.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    const found = before.get(name);
    length += found?.length ?? 0;
    unseen ||= found === undefined || length > LONGEST_VALUE;
    return unseen ? whole : (found ?? whole);
  });
  return unseen ? undefined : expanded;
}

function sourceOf(entry: unknown): readonly string[] {
  if (!isJsonObject(entry)) return [];
  const prefix = stringAt(entry, "prefix") ?? "";
  if (!mayMakeFelixVariables(prefix)) return [];
  const kind = isJsonObject(entry["secretRef"]) ? "Secret" : "ConfigMap";
  const reference = objectAt(entry, kind === "Secret" ? "secretRef" : "configMapRef");
  const source = `${kind}/${stringAt(reference, "name") ?? ""}`.slice(0, 300);
  return source === API_SERVER_CONFIG_MAP ? [] : [source];
}

function mayMakeFelixVariables(prefix: string): boolean {
  const upper = prefix.toUpperCase();
  return upper.startsWith("FELIX_") || "FELIX_".startsWith(upper);
}
