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
  return (key) =>
    key !== CALICO_CREATED_BY_LABEL &&
    include.some((it) => it.test(key)) &&
    !exclude.some((it) => it.test(key));
}

/** The whole label map of a HostEndpoint: the node's labels that pass, then the template's own, then the owner. */
export function endpointLabels(
  nodeLabels: StringMap,
  filter: LabelFilter,
  set: StringMap,
  owner: string,
): StringMap {
  const copied = Object.entries(nodeLabels).filter(([key]) => filter(key));
  const all = [...copied, ...Object.entries(set), [OWNER_LABEL, owner] as const];
  return Object.fromEntries([...new Map(all)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function fromStart(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})`, "u");
}
