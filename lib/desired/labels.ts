import type { EndpointTemplate } from "../config/settings.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../names/names.ts";

export type LabelRules = EndpointTemplate["labels"];
export type LabelFilter = (key: string) => boolean;

/**
 * Compiles include and exclude once for all nodes. As hostendpoint-operator does, a pattern must match from the
 * beginning of the key and need not reach its end; exclude wins.
 */
export function labelFilter(rules: LabelRules): LabelFilter {
  const include = rules.include.map(fromStart);
  const exclude = rules.exclude.map(fromStart);
  const passes = (key: string) =>
    key !== CALICO_CREATED_BY_LABEL &&
    include.some((it) => it.test(key)) &&
    !exclude.some((it) => it.test(key));
  // Thousands of nodes carry the same few keys.
  const known = new Map<string, boolean>();
  return (key) => {
    const found = known.get(key) ?? passes(key);
    known.set(key, found);
    return found;
  };
}

/** The whole label map of a HostEndpoint: the node's labels that pass, then the template's own, then the owner. */
export function endpointLabels(
  nodeLabels: StringMap,
  filter: LabelFilter,
  set: StringMap,
  owner: string,
): StringMap {
  const values: StringMap = { ...nodeLabels, ...set, [OWNER_LABEL]: owner };
  const keys = new Set(Object.keys(nodeLabels).filter(filter));
  for (const key in set) keys.add(key);
  keys.add(OWNER_LABEL);
  const labels: Record<string, string> = {};
  for (const key of [...keys].sort()) labels[key] = values[key] ?? "";
  return labels;
}

function fromStart(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})`, "u");
}
