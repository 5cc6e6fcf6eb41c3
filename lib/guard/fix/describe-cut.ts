import type { Verdict, VerdictOfVersions } from "../../model/verdict.ts";
import { formatAddress } from "../../address/parse-address.ts";
import type { World } from "../../policy/world/world.ts";
import { describePeer, type Cut } from "../proof/judge-flow.ts";

/** `api-server: egress tcp to 3.0.0.0:443 would be denied: tier default ends with Deny, …` */
export function describeCut(cut: Cut, world: World, when: "now" | "then"): string {
  return `${describeFlow(cut)} ${verb(cut, when)}: ${describeDecision(cut, world)}`;
}

/** The flow, with one address as its other side. */
export function describeFlow({ flow, probe }: Cut): string {
  const protocol = flow.protocol === 4 ? "ipip" : flow.protocol;
  const port = flow.port === undefined ? "" : ` to port ${flow.port}`;
  switch (flow.direction) {
    case "ingress":
      return `${flow.id}: ${protocol} from ${describePeer(probe)}${port}`;
    case "egress":
      return `${flow.id}: ${protocol} to ${describePeer(probe)}`;
    case "local":
      return `${flow.id}: ${protocol} from the node to itself at ${describePeer(probe)}`;
    case "own-pod":
      return `${flow.id}: ${protocol} from the node to its own pods`;
    case "pods-out":
      return `${flow.id}: ${protocol} from its pods to ${describePeer(probe)}`;
    case "pods-in":
      return `${flow.id}: ${protocol} from ${formatAddress(probe.peer)} to its pods${port}`;
  }
}

function verb(cut: Cut, when: "now" | "then"): string {
  if (cut.outcome === "deny") return when === "now" ? "is denied" : "would be denied";
  return when === "now" ? "may be denied" : "is allowed now and may then be denied";
}

/** Who decides, and why: the policy, tier or profile by name. */
export function describeDecision({ verdict, probe }: Pick<Cut, "verdict" | "probe">, world: World): string {
  const { decidedBy } = verdict;
  const policy =
    decidedBy.policy === undefined ? "" : `policy ${decidedBy.policy} (tier ${decidedBy.tier ?? "default"})`;
  switch (verdict.reason) {
    case "rule":
      return `rule ${(decidedBy.rule ?? 0) + 1} of ${policy} says so`;
    case "end-of-tier":
      return `${applying(verdict, probe.question.direction === "ingress" ? "ingress" : "egress", world)} in tier ${decidedBy.tier ?? "default"}, none of them allows it, and the tier ends with Deny`;
    case "no-profile":
      return "no policy and no profile allows it, and a HostEndpoint without them denies";
    case "missing-profile":
      return `profile ${decidedBy.profile ?? ""} does not exist, which denies`;
    case "unknown-profile":
      return `profile ${decidedBy.profile ?? ""} is that of a namespace or service account, which are not read: without it, all is denied`;
    case "untracked-reply":
      return `its answers are stopped, because ${policy === "" ? "untracked policy" : policy} does not track the connection`;
    case "conntrack-invalid":
      return "connection tracking knows no connection that it belongs to";
    case "encapsulation":
      return "Felix drops tunnel packets of addresses that are no nodes";
    case "unknown-set-members":
      return `${policy} asks whether an address is in a set, and the members of the set were not all read`;
    case "unknown-selector":
      return `${policy === "" ? `a policy of tier ${decidedBy.tier ?? "default"}` : policy} has a selector or a list that is larger than what is looked at, so whether it applies is undecidable`;
    case "unknown-service":
      return `${policy} names Kubernetes services, whose addresses are not read`;
    case "unknown-interface":
      return "the node does not say what its interfaces are called, so it is open which HostEndpoint governs them";
    case "unknown-source-port":
      return `${policy} looks at source ports, and only some of those that a client may choose get through`;
    case "unknown-felix":
      return "Felix cannot run with its configuration, or which one it has is undecidable, so what it enforces is not known";
    case "unknown-dataplane":
      return "whether Felix programs iptables or nftables follows kube-proxy, which is not known, and the two differ here";
    case "calico-version":
      return `versions of Calico that may run differ: ${(verdict.readings ?? []).map(describeReading).join(", ")}`;
    default:
      return `${verdict.reason}${policy === "" ? "" : ` (${policy})`}`;
  }
}

function describeReading({ calico, verdict, decidedBy }: VerdictOfVersions): string {
  const by = decidedBy.policy ?? (decidedBy.tier === undefined ? undefined : `tier ${decidedBy.tier}`);
  return `${calico} says ${verdict}${by === undefined ? "" : ` (${by})`}`;
}

/** The policies that govern the direction on the endpoint, by name: one of them should have an allow rule. */
function applying(verdict: Verdict, direction: "ingress" | "egress", world: World): string {
  const { hostEndpoint, hook, tier } = verdict.decidedBy;
  const endpoint = hostEndpoint === undefined ? undefined : world.endpoints.get(hostEndpoint);
  const tiers =
    endpoint === undefined || hook === undefined ? [] : world.tiersFor(endpoint.labels)[hook][direction];
  const names = tiers
    .filter((it) => it.tier === tier)
    .flatMap((it) => it.policies.map(({ policy }) => policy.shownName));
  if (names.length === 0) return "policies apply";
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5
    ? `policies ${shown} and ${names.length - 5} more apply`
    : `${names.length === 1 ? "policy" : "policies"} ${shown} ${names.length === 1 ? "applies" : "apply"}`;
}
