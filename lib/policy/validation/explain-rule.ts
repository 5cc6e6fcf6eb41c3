/** What a rule means, by a piece of its text; the first that fits. */
const MEANINGS: readonly (readonly [piece: string, meaning: string])[] = [
  ["self.applyOnForward", "applyOnForward must be true with preDNAT or doNotTrack"],
  ["has(self.doNotTrack)", "preDNAT and doNotTrack cannot both be true"],
  ["size(self.egress)", "a preDNAT policy cannot have egress rules"],
  ["self.types", "a preDNAT policy cannot have the type Egress"],
  ["has(self.code)", "an ICMP code needs an ICMP type"],
  ["self.destination.ports", "ports cannot stand beside services"],
  ["self.http) || !has(self.protocol)", "http needs the protocol TCP or none"],
  ["self.action", "http is only for Allow rules"],
  ["has(self.icmp)", "icmp needs the protocol ICMP or ICMPv6"],
  ["'ICMPv6'", "ICMPv6 needs ipVersion 6"],
  ["'ICMP'", "ICMP needs ipVersion 4"],
  ["self.selector.contains", "global() is only for the namespaceSelector of a rule"],
  ["self.namespaceSelector.contains", "global() is only for the namespaceSelector of a rule"],
  ["self.serviceAccountSelector.contains", "global() is only for the namespaceSelector of a rule"],
  ["size(self.namespaceSelector)", "namespaceSelector cannot stand beside services"],
  ["has(self.serviceAccounts)", "serviceAccounts cannot stand beside services"],
  ["self.notNets", "nets cannot stand beside services"],
  ["self.notSelector", "selectors cannot stand beside services"],
  ["self.services.name", "services must name a service"],
  ["self.interfaceName", "needs interfaceName or expectedIPs"],
  ["size(self.node)", "needs a node"],
  ["self.deviceRouteSourceAddressIPv6", "deviceRouteSourceAddressIPv6 must be an IPv6 address"],
  ["self.deviceRouteSourceAddress", "deviceRouteSourceAddress must be an IPv4 address"],
  ["self.natOutgoingAddress", "natOutgoingAddress must be an IPv4 address"],
  ["self.routeTableRanges", "routeTableRange excludes routeTableRanges"],
  ["self.max <= 250", "must be a range within 1 to 250"],
  ["self.min <= self.max", "min must not exceed max"],
  ["self.min >= 1", "min must be at least 1"],
  ["self.spec.nodeSelector", "nodeSelector is not for the names `default` and `node.…`"],
  ["self.spec.order == 1000000.0", "the order of the tier default must be 1000000"],
  ["self.spec.order == 1000.0", "the order of the tier kube-admin must be 1000"],
  ["self.spec.order == 10000000.0", "the order of the tier kube-baseline must be 10000000"],
  ["== 'Deny'", "the tier default must have the default action Deny"],
  ["'kube-admin'", "the tier kube-admin must have the default action Pass"],
  ["'kube-baseline'", "the tier kube-baseline must have the default action Pass"],
];

/** A CEL rule of the tables in words; its text when nobody has found words for it yet. */
export function explainRule(rule: string): string {
  return MEANINGS.find(([piece]) => rule.includes(piece))?.[1] ?? `breaks the rule ${rule}`;
}
