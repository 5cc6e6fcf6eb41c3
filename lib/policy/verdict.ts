/**
 * `policy`: what Calico does to a packet.
 *
 * In: a compiled world (`worldOf`) and a flow, the first packet of a new connection as one node sees it.
 * Out: allow, deny or unknown, who decided, and on request the whole story.
 * Must never happen: a guess. What cannot be known from the given objects is `unknown`, with what would have to be known.
 *
 * Read on in this order:
 * 1. `hooks/packet-paths.ts` - the hooks that a packet to, from or through a host meets (`hooks/bpf-path.ts` for eBPF);
 * 2. `hooks/host-chains.ts` and `hooks/resolve-endpoint.ts` - which HostEndpoint answers for an interface;
 * 3. `hooks/run-chain.ts`, `hooks/ask-tiers.ts` - failsafes, tiers, policies, rules, profiles;
 * 4. `rules/match-rule.ts` - when a rule matches; 5. `world/` - how objects become all that;
 * 6. `version/version-rules.ts` - what differs between versions of Calico, `poison/` - what they cannot digest.
 */
import type { Flow } from "../model/flow.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Context, Decision } from "./hooks/decision.ts";
import { decide, tell } from "./hooks/decision.ts";
import { bpfVerdict } from "./hooks/bpf-path.ts";
import { neighbourDecision } from "./hooks/neighbour-discovery.ts";
import { readFlow, type ReadFlow } from "./hooks/read-flow.ts";
import { forwarded, fromHost, overLoopback, toHost } from "./hooks/packet-paths.ts";
import { replyDecision } from "./hooks/reply-path.ts";
import { agreeOn } from "./version/agree-on.ts";
import type { World } from "./world/world.ts";

export type VerdictOptions = {
  /** Tell every step. Costs time; off by default. */
  readonly path?: boolean;
  /**
   * Ask as if no IPv6 neighbour were remembered: what is allowed while neighbour discovery is not becomes
   * `unknown-neighbour`. Off by default, because the packet itself is allowed; on for whoever must be sure.
   */
  readonly coldNeighbours?: boolean;
  /** Ask what HostEndpoints make of the traffic of pods, whatever the pods' own policies say. Off by default. */
  readonly hostsOnly?: boolean;
};

const NO_STEPS: readonly string[] = [];

/**
 * The fate of the first packet of a flow, in every version of Calico that may run; where they disagree it is unknown.
 * In one version: the fate at the node that the flow names. A flow between two nodes passes only when both
 * ends let it: ask once per end (egress at the sender, ingress at the receiver; docs/calico.md 15).
 */
export function verdictFor(world: World, flow: Flow, options: VerdictOptions = {}): Verdict {
  const verdict = verdictIn(world, flow, options);
  if (world.otherReadings.length === 0) return verdict;
  return agreeOn([
    { versions: world.policies.versions, verdict },
    ...world.otherReadings.map((it) => ({
      versions: it.policies.versions,
      verdict: verdictIn(it, flow, options),
    })),
  ]);
}

function verdictIn(world: World, flow: Flow, options: VerdictOptions): Verdict {
  const trace = options.path === true ? [] : undefined;
  const node = world.nodes.get(flow.node);
  if (node === undefined) {
    return verdictOf(decide("unknown", "unknown-node"), [`node ${flow.node} is not in the world`]);
  }
  const context: Context = { world, node, trace, hostsOnly: options.hostsOnly === true };
  const read = readFlow(context, flow);
  if (typeof read === "string") return verdictOf(decide("unknown", "nonsense-flow"), [read]);
  if (node.settings.broken !== undefined && isGoverned(context)) {
    return verdictOf(decide("unknown", "unknown-felix"), [node.settings.broken]);
  }
  const walked = node.settings.dataplane === "bpf" ? bpfVerdict(context, read) : walk(context, read);
  const decision = options.coldNeighbours === true ? withNeighbours(context, read, walked) : walked;
  tell(context, () => `${decision.effect}: ${decision.reason}`);
  const reply =
    decision.effect === "allow" && node.settings.dataplane !== "bpf"
      ? replyDecision(context, read)
      : undefined;
  return reply === undefined
    ? verdictOf(decision, trace ?? NO_STEPS)
    : {
        ...verdictOf(decision, trace ?? NO_STEPS),
        reply: { verdict: reply.effect === "none" ? "allow" : reply.effect, decidedBy: reply.decidedBy },
      };
}

function walk(context: Context, flow: ReadFlow): Decision {
  switch (flow.direction) {
    case "ingress":
      return toHost(context, flow.interface, flow.packets);
    case "egress":
      return fromHost(context, flow.interface, flow.packets);
    case "forward":
      return forwarded(context, flow.interface, flow.outInterface, flow.packets);
    case "local":
      return overLoopback(context, flow.interface, flow.packets);
  }
}

/** What IPv6 policy allows still needs neighbours to be found. */
function withNeighbours(context: Context, flow: ReadFlow, decision: Decision): Decision {
  if (decision.effect !== "allow" || decision.reason === "not-governed") return decision;
  // eBPF programs let neighbour discovery through before any policy.
  if (context.node.settings.dataplane === "bpf") return decision;
  return neighbourDecision(context, flow) ?? decision;
}

function isGoverned(context: Context): boolean {
  return context.node.endpoints.length > 0 || context.node.wildcard !== undefined;
}

function verdictOf(decision: Decision, path: readonly string[]): Verdict {
  return {
    verdict: decision.effect === "none" ? "allow" : decision.effect,
    reason: decision.reason,
    decidedBy: decision.decidedBy,
    path,
  };
}
