import { compare } from "../../model/ascending.ts";
import type { Node } from "../../model/node.ts";
import type { Action } from "../../model/plan.ts";

/**
 * What refusing a write costs, so that as few as can be are refused: two, or one where the node's own facts are in doubt. Among equals
 * the machine that was there first is worth a little more: whoever comes later and quarrels with the others waits.
 */
export function worthOf(nodes: readonly Node[], actions: readonly Action[]): (action: Action) => number {
  const byAge = nodes.toSorted(
    (a, b) => compare(b.createdAt ?? "~", a.createdAt ?? "~") || compare(b.uid, a.uid),
  );
  const ages = new Map(byAge.map((it, index) => [it.name, index]));
  const doubtful = new Set(nodes.filter(isDoubtful).map((it) => it.name));
  // All of these together are worth less than one.
  const unit = 1 / ((nodes.length + 1) * (actions.length + 1));
  return ({ node }) => (doubtful.has(node) ? 1 : 2) + (ages.get(node) ?? 0) * unit;
}

/** It lists what is another's or nobody's, or only EC2 could tell what is its own. */
function isDoubtful({ contested = [], refused = [], unconfirmed }: Node): boolean {
  return contested.length > 0 || refused.length > 0 || unconfirmed === true;
}
