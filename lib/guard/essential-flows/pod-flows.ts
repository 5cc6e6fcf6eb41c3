import type { Surroundings } from "./detect-surroundings.ts";
import type { EssentialFlow } from "./essential-flow.ts";

/**
 * What pods live on, as it passes through their node. A policy with applyOnForward takes hold of it as soon as there is an
 * endpoint, a `*` one also between two pods of one node (docs/calico.md 5.4, 8, 20 items 15 and 19). The pods' own
 * policies are nobody's business here: endpoints do not change them.
 */
export function podFlows(network: Surroundings): readonly EssentialFlow[] {
  const pods = { pods: network.pods, weight: "service" } as const;
  const dns = {
    ...pods,
    protocol: "udp",
    port: 53,
    peers: [{ kind: "pods", nets: network.pods }],
    source: "CALICO 5.4, 20 item 19; EKSNET (CoreDNS runs in pods)",
  } as const;
  return [
    {
      ...dns,
      id: "pods-dns-out",
      direction: "pods-out",
      reason: "pods ask CoreDNS, on whichever node it runs; without names nothing in the cluster works",
    },
    {
      ...dns,
      id: "pods-dns-in",
      direction: "pods-in",
      reason: "CoreDNS may run on this node, and pods of all nodes ask it",
    },
    ...network.apiServer.map(({ id, port, peers, onNodes }): EssentialFlow => ({
      ...pods,
      id: `pods-${id}`,
      ...(onNodes === undefined ? {} : { onNodes }),
      direction: "pods-out",
      protocol: "tcp",
      port,
      peers,
      reason: "CoreDNS and every controller ask the API server from their pods",
      source: "CALICO 5.4, 20 item 19; EKSNET",
    })),
  ];
}
