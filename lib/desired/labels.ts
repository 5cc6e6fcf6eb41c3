import { LABEL_KEY, LABEL_VALUE, type EndpointTemplate } from "../config/endpoint-template.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { labelsByCalico } from "../model/node-labels.ts";
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

/**
 * The labels of a Node that an entry asks for: Kubernetes' own, or those that Calico keeps in an annotation besides. What no
 * endpoint could carry is left out: Calico's own controller then makes no endpoint at all (docs/calico.md 0, item 8).
 */
export function readNodeLabels(node: Node, { from = ["Node"] }: Pick<LabelRules, "from">): StringMap {
  if (!from.includes("Calico")) return from.includes("Node") ? node.labels : {};
  const valid = Object.entries(labelsByCalico(node)).filter(
    ([key, value]) => LABEL_KEY.test(key) && LABEL_VALUE.test(value),
  );
  return Object.fromEntries(valid);
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
  for (const key in set) if (key !== CALICO_CREATED_BY_LABEL) keys.add(key);
  keys.add(OWNER_LABEL);
  const labels: Record<string, string> = {};
  for (const key of [...keys].sort()) labels[key] = values[key] ?? "";
  return labels;
}

function fromStart(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})`, "u");
}
