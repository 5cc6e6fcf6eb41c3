import type { Surroundings } from "./detect-surroundings.ts";
import type { EssentialFlow } from "./essential-flow.ts";

/** Calico between nodes. The VPC CNI needs nothing of its own. */
export function calicoFlows(network: Surroundings): readonly EssentialFlow[] {
  const both = (
    id: string,
    shape: Pick<EssentialFlow, "protocol" | "port" | "peers" | "reason" | "source">,
  ): readonly EssentialFlow[] => [
    { ...shape, id: `${id}-out`, direction: "egress", weight: "lockout" },
    { ...shape, id: `${id}-in`, direction: "ingress", weight: "lockout" },
  ];
  const nodes: EssentialFlow["peers"] = [{ kind: "every-node" }];
  const tunnel = {
    peers: nodes,
    reason: "pods on different nodes, and system pods with them, reach each other through it",
    source: "CALICO 9 step 4",
  };
  const wireguard = [...new Set([network.wireguardPorts.four, network.wireguardPorts.six])].filter(
    (it) => it !== undefined,
  );
  return [
    ...(network.typha
      ? both("typha", {
          protocol: "tcp",
          port: 5_473,
          peers: [{ kind: "some-node" }],
          reason:
            "Felix learns of every change through Typha, which runs on some nodes; cut off from it, it keeps enforcing the old state",
          source: "CALICO 11 (tcp:5473 is a failsafe both ways)",
        })
      : []),
    ...(network.vxlanPort === undefined
      ? []
      : both("vxlan", {
          ...tunnel,
          protocol: "udp",
          port: network.vxlanPort,
          peers: [{ kind: "every-node", tunnel: "VXLAN" }],
        })),
    ...(network.ipip
      ? both("ipip", { ...tunnel, protocol: 4, peers: [{ kind: "every-node", tunnel: "IP-in-IP" }] })
      : []),
    ...(network.bgp
      ? both("bgp", { ...tunnel, protocol: "tcp", port: 179, reason: "routes to pods come over BGP" })
      : []),
    ...wireguard.flatMap((port) => both(`wireguard-${port}`, { ...tunnel, protocol: "udp", port })),
  ];
}
