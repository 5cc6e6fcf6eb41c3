/**
 * Every state that the endpoints of a cluster were in, through the decision procedure.
 *
 * In: nodes and policies, the endpoints at the beginning, every change since. Out: what was wrong in some state, in words.
 */
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import type { World } from "../../../lib/policy/world/world.ts";
import { worldOfFiles } from "../../../lib/world/world-of.ts";
import type { Change } from "../../control-plane/watch-history.ts";

export type History = {
  /** Nodes and policies, which stay. */
  readonly objects: readonly KubernetesObject[];
  readonly endpoints: readonly KubernetesObject[];
  readonly changes: readonly Change[];
  /** Asked in every state. */
  readonly flows: readonly Flow[];
};

export function judgeHistory({ objects, endpoints, changes, flows }: History): readonly string[] {
  const state = new Map(endpoints.map((it) => [it.metadata.name, it]));
  const worldNow = () =>
    worldOfFiles({ group: CALICO_V1, objects: [...objects, ...state.values()], findings: [] });
  const first = worldNow();
  const denied = flows.filter((it) => verdictFor(first, it).verdict === "deny");
  const nodes = [...first.nodes.keys()].filter((it) => isGoverned(first, it));
  const wrong: string[] = [];
  for (const [index, { type, object }] of changes.entries()) {
    const { name } = object.metadata;
    if (type === "DELETED") state.delete(name);
    else state.set(name, object);
    const now = worldNow();
    const at = `after change ${index + 1} (${type} ${name})`;
    for (const node of nodes)
      if (!isGoverned(now, node)) wrong.push(`${at}: ${node} has no endpoint in force`);
    for (const flow of denied)
      if (verdictFor(now, flow).verdict !== "deny")
        wrong.push(`${at}: ${flow.id ?? ""} of ${flow.node} is open`);
  }
  return wrong;
}

/** How often each endpoint was written. */
export function writesPerEndpoint(changes: readonly Change[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { object } of changes)
    counts.set(object.metadata.name, (counts.get(object.metadata.name) ?? 0) + 1);
  return counts;
}

function isGoverned(world: World, name: string): boolean {
  const node = world.nodes.get(name);
  return node !== undefined && (node.wildcard !== undefined || node.endpoints.length > 0);
}
