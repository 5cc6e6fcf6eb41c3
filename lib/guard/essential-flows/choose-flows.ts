import type { SafetySettings } from "../rule.ts";
import { builtInFlows } from "./built-in-flows.ts";
import type { Surroundings } from "./detect-surroundings.ts";
import type { EssentialFlow } from "./essential-flow.ts";

export type FlowSettings = Pick<
  SafetySettings,
  "provider" | "essentialFlows" | "essentialFlowsWithout" | "access"
>;

/**
 * The essential flows of a cluster: the built-in ones less those that the settings take out, access for engineers as the
 * settings say, and the users' own. One id means one flow: a user's flow replaces the built-in one of its id.
 */
export function chooseFlows(network: Surroundings, settings: FlowSettings): readonly EssentialFlow[] {
  const without = new Set(settings.essentialFlowsWithout);
  const own = settings.essentialFlows.map(userFlow);
  const replaced = new Set(own.map((it) => it.id));
  return [
    ...[...builtInFlows(network), ...accessFlows(network, settings.access)].filter(
      (it) => !without.has(it.id) && !replaced.has(it.id),
    ),
    ...own,
  ];
}

/** Ways in for engineers. They are not built in: many clusters allow neither. */
function accessFlows(network: Surroundings, access: FlowSettings["access"]): readonly EssentialFlow[] {
  return [
    ...(access.ssh.length === 0
      ? []
      : [
          {
            id: "ssh",
            direction: "ingress",
            protocol: "tcp",
            port: 22,
            peers: [{ kind: "every", nets: access.ssh }],
            weight: "lockout",
            reason: "engineers get in by SSH (settings, access.ssh)",
            source: "settings",
            byUser: true,
          } as const,
        ]),
    ...(access.sessionManager
      ? [
          {
            id: "session-manager",
            direction: "egress",
            protocol: "tcp",
            port: 443,
            peers: [{ kind: "one-of", nets: [...network.vpc.nets, ...network.awsServices] }],
            weight: "lockout",
            reason:
              "the SSM agent keeps the way in for Session Manager open from inside (settings, access.sessionManager)",
            source: "AWS Systems Manager user guide, ssmmessages and ec2messages endpoints",
          } as const,
        ]
      : []),
  ];
}

function userFlow(setting: FlowSettings["essentialFlows"][number]): EssentialFlow {
  const { id, direction, protocol, port, peers, nodes, reason } = setting;
  return {
    id,
    direction,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(protocol === "icmp"
      ? { icmp: { type: 8, code: 0 } }
      : protocol === "icmpv6"
        ? { icmp: { type: 128, code: 0 } }
        : {}),
    peers: [{ kind: "every", nets: peers }],
    nodes,
    weight: "lockout",
    reason,
    source: "settings",
    byUser: true,
  };
}
