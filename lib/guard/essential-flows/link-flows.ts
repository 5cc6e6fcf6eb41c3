import type { EssentialFlow } from "./essential-flow.ts";

/** What keeps addresses and packets usable at all. */
export function linkFlows(): readonly EssentialFlow[] {
  const neighbours = {
    protocol: "icmpv6",
    weight: "lockout",
    reason:
      "IPv6 resolves neighbours by ICMPv6; with a cold cache not even the failsafe ports work without it",
    source: "CALICO 0 item 10, 12",
  } as const;
  const link: EssentialFlow["peers"] = [{ kind: "one-of", nets: ["fe80::/64"] }];
  const multicast: EssentialFlow["peers"] = [{ kind: "one-of", nets: ["fe80::/64", "ff02::1:ff00:0/104"] }];
  const sizes = {
    direction: "ingress",
    state: "related",
    weight: "service",
    reason:
      "routers say that a packet is too big (path MTU discovery); connection tracking lets it pass, only untracked policy can stop it",
    source: "RFC 1191, RFC 8201; CALICO 10 step 1",
  } as const;
  return [
    {
      ...neighbours,
      id: "neighbour-solicitation-out",
      direction: "egress",
      icmp: { type: 135, code: 0 },
      peers: multicast,
    },
    {
      ...neighbours,
      id: "neighbour-solicitation-in",
      direction: "ingress",
      icmp: { type: 135, code: 0 },
      peers: link,
    },
    {
      ...neighbours,
      id: "neighbour-advertisement-out",
      direction: "egress",
      icmp: { type: 136, code: 0 },
      peers: link,
    },
    {
      ...neighbours,
      id: "neighbour-advertisement-in",
      direction: "ingress",
      icmp: { type: 136, code: 0 },
      peers: link,
    },
    {
      ...neighbours,
      id: "router-solicitation",
      direction: "egress",
      icmp: { type: 133, code: 0 },
      peers: [{ kind: "every", nets: ["ff02::2"] }],
    },
    {
      ...neighbours,
      id: "router-advertisement",
      direction: "ingress",
      icmp: { type: 134, code: 0 },
      peers: link,
    },
    {
      ...sizes,
      id: "path-mtu",
      protocol: "icmp",
      icmp: { type: 3, code: 4 },
      peers: [{ kind: "one-of", nets: ["192.0.2.1"] }],
    },
    {
      ...sizes,
      id: "path-mtu-v6",
      protocol: "icmpv6",
      icmp: { type: 2, code: 0 },
      peers: [{ kind: "one-of", nets: ["2001:db8::1"] }],
    },
  ];
}
