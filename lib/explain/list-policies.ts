import type { Hook } from "../model/verdict.ts";
import type { Endpoint } from "../policy/world/endpoint.ts";
import type { World } from "../policy/world/world.ts";
import type { ExplainedEndpoint, ExplainedPolicy } from "./explanation.ts";

const hooks = ["untracked", "preDNAT", "forward", "normal"] as const satisfies readonly Hook[];

export const noPolicies: ExplainedEndpoint["policies"] = {
  untracked: [],
  preDNAT: [],
  forward: [],
  normal: [],
};

/** Policies that select the endpoint, for each hook in the order in which Felix asks them. */
export function listPolicies(world: World, endpoint: Endpoint): ExplainedEndpoint["policies"] {
  const tiers = world.tiersFor(endpoint.labels);
  const listed = hooks.map((hook) => {
    const asked = (direction: "ingress" | "egress") =>
      new Set(tiers[hook][direction].flatMap((tier) => tier.policies.map((it) => it.policy)));
    const ingress = asked("ingress");
    const egress = asked("egress");
    const ordered = world.policies.tiers.flatMap((tier) =>
      tier.policies.flatMap((policy): readonly ExplainedPolicy[] => {
        const directions = [
          ...(ingress.has(policy) ? (["ingress"] as const) : []),
          ...(egress.has(policy) ? (["egress"] as const) : []),
        ];
        return directions.length === 0 ? [] : [{ tier: tier.name, policy: policy.shownName, directions }];
      }),
    );
    return [hook, ordered] as const;
  });
  return { ...noPolicies, ...Object.fromEntries(listed) };
}
