import type { SafetySettings } from "../guard/rule.ts";
import { guardPlan } from "../guard/guard-plan.ts";
import { ascending } from "../model/ascending.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Plan } from "../model/plan.ts";
import type { Snapshot } from "../model/snapshot.ts";

/**
 * Asks the guard about one endpoint for a machine that registered under the name of another one while that one's endpoint was
 * being deleted: the world as it was read, with the new machine in it and without the old endpoint.
 */
export function mayRestore(
  node: Node,
  desired: DesiredHostEndpoint,
  { snapshot, safety }: { readonly snapshot: Snapshot; readonly safety: SafetySettings },
): boolean {
  const { name } = desired;
  const plan: Plan = {
    actions: [{ kind: "create", name, node: node.name, desired }],
    unchanged: [],
    foreign: [],
  };
  const world: Snapshot = {
    ...snapshot,
    nodes: [...snapshot.nodes.filter((it) => it.name !== node.name), node].sort(ascending((it) => it.name)),
    absentNodes: snapshot.absentNodes.filter((it) => it !== node.name),
    hostEndpoints: snapshot.hostEndpoints.filter((it) => it.name !== name),
  };
  return guardPlan({ plan, snapshot: world, safety }).withheld.length === 0;
}
