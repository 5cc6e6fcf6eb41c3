import type { Hook } from "../model/verdict.ts";
import type { Labels } from "./selector/parse-selector.ts";
import { takesPart } from "./world/select-policies.ts";
import type { Direction } from "./world/tier-policies.ts";
import type { PolicyKind } from "./world/policy.ts";
import type { World } from "./world/world.ts";

/** One policy on an endpoint's list. */
export type ListedPolicy = {
  readonly tier: string;
  /** Stored name, by which Felix sorts. */
  readonly policy: string;
  readonly kind: PolicyKind;
  readonly directions: readonly Direction[];
  /** Only shown: a staged policy is never enforced. */
  readonly staged?: true;
};
export type ListedPolicies = Readonly<Record<Hook, readonly ListedPolicy[]>>;

const HOOKS = ["untracked", "preDNAT", "forward", "normal"] as const satisfies readonly Hook[];
const DIRECTIONS = ["ingress", "egress"] as const;

/**
 * The policies that select a HostEndpoint (stored name), per hook, in the order in which Felix asks them; `undefined`
 * when Felix has no such endpoint. Source: docs/calico.md 4 and 5.
 */
export function policiesFor(world: World, hostEndpoint: string): ListedPolicies | undefined {
  const endpoint = world.endpoints.get(hostEndpoint);
  return endpoint === undefined ? undefined : policiesForLabels(world, endpoint.labels);
}

/** The same for labels that no endpoint has yet. */
export function policiesForLabels(world: World, labels: Labels): ListedPolicies {
  const list = (hook: Hook): readonly ListedPolicy[] =>
    world.policies.tiers.flatMap((tier) =>
      tier.policies.flatMap((policy) => {
        const directions = DIRECTIONS.filter((direction) => takesPart(policy, hook, direction));
        if (directions.length === 0 || !policy.selector.matches(labels)) return [];
        const listed = { tier: tier.name, policy: policy.name, kind: policy.kind, directions };
        return [policy.staged ? { ...listed, staged: true as const } : listed];
      }),
    );
  const [untracked, preDNAT, forward, normal] = HOOKS.map(list);
  return { untracked: untracked ?? [], preDNAT: preDNAT ?? [], forward: forward ?? [], normal: normal ?? [] };
}
