/** Why a flow gets the verdict that it gets (docs/calico.md 9, 10, 15); for those that begin with `unknown`, what would have to be known. */
export const VERDICT_REASONS = {
  "not-governed": "No HostEndpoint governs the interface: Calico has no opinion.",
  failsafe: "A failsafe port of Felix lets it through, before any policy.",
  rule: "A rule of a policy decided.",
  profile: "No policy governs the direction, and a rule of a profile decided.",
  "end-of-tier": "Policies of a tier govern the direction and no rule matched: the tier's default action.",
  "no-profile": "No policy governs the direction and the endpoint has no profile: denied.",
  "missing-profile": "The endpoint names a profile that does not exist: denied.",
  "forward-default": "Forwarded, and no policy with applyOnForward governs the direction: allowed.",
  "host-to-own-pod": "A node always reaches the pods on it.",
  "pod-to-host-action": "From a pod to its own node: Felix's `defaultEndpointToHostAction`.",
  "pod-policy": "A policy or a profile of the pod decided.",
  encapsulation: "Tunnel traffic between nodes, which Felix lets through itself.",
  "untracked-reply": "Untracked policy decides the fate of the answer.",
  "conntrack-related": "It belongs to a connection that is let through; only untracked policy could stop it.",
  "conntrack-invalid":
    "Connection tracking knows no connection for it: ICMP answers and errors out of nowhere.",
  "untracked-skips-dnat":
    "Untracked policy accepted it, so it is not NATed and never reaches where the service would have sent it.",
  "covered-interface":
    "The interface bears a workload prefix, but no pod is behind it: Felix drops what comes from there.",
  "unknown-interface": "Which interface of the node it uses is not known.",
  "unknown-profile": "The profile is one of a namespace or a service account, and those were not read.",
  "unknown-node": "The node is not in the world.",
  "unknown-set-members": "The members of a network set were not read.",
  "unknown-selector":
    "A policy has a selector or a list beyond what is looked at: what it selects and matches is undecidable.",
  "unknown-service": "A rule names a service whose endpoints are not in the world.",
  "unknown-neighbour": "What is on the other end of the link is not known.",
  "unknown-pod": "The pod is not in the world, or policies for pods were not read.",
  "unknown-source-port": "Any ephemeral port is meant, and only some of them match a rule.",
  "unknown-icmp-type": "The flow names no ICMP type, and rules tell types apart.",
  "unknown-action": "A rule's action is no word of Calico's: Felix crashes when it renders it.",
  "unknown-felix": "Felix cannot run with its configuration: what is programmed is what was before.",
  "unknown-dataplane":
    "Whether Felix programs iptables or nftables follows kube-proxy, which is not known, and the two differ here.",
  "calico-version": "The versions of Calico that may run disagree; `readings` says how.",
  "nonsense-flow": "The flow cannot exist: its addresses, node and direction contradict each other.",
} as const;
export type VerdictReason = keyof typeof VERDICT_REASONS;
