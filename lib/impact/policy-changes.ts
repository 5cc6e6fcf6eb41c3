import { selectedNodesIn } from "../guard/proof/starting-policies.ts";
import type { PolicyChange } from "../model/impact.ts";
import { policyKey, type Policy } from "../policy/world/policy.ts";
import type { World } from "../policy/world/world.ts";

/** Policies that take hold of nodes which they did not select before, and those that let go of some. */
export function policyChanges(before: World, after: World): readonly PolicyChange[] {
  const [was, will] = [reachIn(before), reachIn(after)];
  const keys = [...new Set([...was.keys(), ...will.keys()])].sort();
  const changes = keys.flatMap((key) => {
    const [earlier, later] = [was.get(key), will.get(key)];
    return [...difference("starts", later, earlier), ...difference("stops", earlier, later)];
  });
  const alike = Map.groupBy(changes, ({ policy, change, nodes }) => JSON.stringify([policy, change, nodes]));
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, directions: same.flatMap((it) => it.directions).sort() }];
  });
}

/** A policy and the nodes that it selects; one entry for each of its directions. */
type Reach = {
  readonly policy: Policy;
  readonly direction: "ingress" | "egress";
  readonly nodes: ReadonlySet<string>;
};

function reachIn(world: World): ReadonlyMap<string, Reach> {
  const selected = selectedNodesIn(world);
  return new Map(
    world.policies.tiers.flatMap(({ policies }) =>
      policies
        .filter((it) => !it.staged)
        .flatMap((policy) =>
          (["ingress", "egress"] as const)
            .filter((it) => (it === "ingress" ? policy.governsIngress : policy.governsEgress))
            .map((direction): readonly [string, Reach] => [
              `${policyKey(policy)} ${direction}`,
              { policy, direction, nodes: new Set(selected(policy)) },
            ]),
        ),
    ),
  );
}

function difference(
  change: PolicyChange["change"],
  here: Reach | undefined,
  there: Reach | undefined,
): readonly PolicyChange[] {
  if (here === undefined) return [];
  const nodes = [...here.nodes].filter((it) => there?.nodes.has(it) !== true).sort();
  const { policy, direction } = here;
  return nodes.length === 0
    ? []
    : [{ policy: policyKey(policy), tier: policy.tier, change, directions: [direction], nodes }];
}
