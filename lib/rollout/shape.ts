import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { labelSignature } from "../policy/world/members.ts";
import { policyKey } from "../policy/world/policy.ts";
import { worldOf } from "../world/world-of.ts";

/**
 * What an endpoint is governed by, as one text: its interface, its profiles, and the policies that select it. A trial
 * proves this and nothing else, so two endpoints of one shape prove each other, whatever other labels they have.
 */
export type ShapeOf = (endpoint: HostEndpoint | DesiredHostEndpoint) => string;

export function shapes(snapshot: Snapshot): ShapeOf {
  const { tiers, policyLabelNames } = worldOf(snapshot).policies;
  const policies = tiers.flatMap((it) => it.policies).filter((it) => !it.staged);
  const known = new Map<string, string>();
  const selecting = (labels: ReadonlyMap<string, string>): string => {
    const signature = labelSignature(labels, policyLabelNames);
    const found =
      known.get(signature) ??
      JSON.stringify(policies.filter((it) => it.selector.matches(labels)).map(policyKey));
    known.set(signature, found);
    return found;
  };
  return ({ interfaceName, profiles, labels }) =>
    `${JSON.stringify([interfaceName, profiles])} ${selecting(new Map(Object.entries(labels)))}`;
}
