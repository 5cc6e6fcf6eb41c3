import type { Verdict } from "../../model/verdict.ts";
import { verdictFor } from "../../policy/verdict.ts";
import { unreadMembers } from "../../policy/world/unread-members.ts";
import type { CompiledPolicies, World } from "../../policy/world/world.ts";
import { isForwarded, type EssentialFlow } from "../essential-flows/essential-flow.ts";
import type { Flow } from "../../model/flow.ts";
import { establishedWorld } from "./world-between.ts";

export type Outcome = "allow" | "unknown" | "deny";
/** A question, and what of the flow that it is about decides how a world is asked. */
export type Asked = {
  readonly question: Flow;
  readonly flow: Pick<EssentialFlow, "direction" | "peers" | "byUser" | "state">;
};
export type Answer = { readonly outcome: Outcome; readonly verdict: Verdict };

/** Endpoints do not change what the pods' own policies say. */
const HOSTS_ONLY = { hostsOnly: true } as const;

const BADNESS: Readonly<Record<Outcome, number>> = { allow: 0, unknown: 1, deny: 2 };

/** True when the second is worse for the flow than the first. */
export function isWorse(before: Outcome, after: Outcome): boolean {
  return BADNESS[after] > BADNESS[before];
}

/** The worst of several answers. */
export function worstOf<T extends { readonly outcome: Outcome }>(answers: readonly T[]): T | undefined {
  return answers.reduce<T | undefined>(
    (worst, it) => (worst === undefined || isWorse(worst.outcome, it.outcome) ? it : worst),
    undefined,
  );
}

/** What becomes of a probe in each of the ways in which the versions of Calico that may run read the world. */
export function answerEachVersion(world: World, probe: Asked): readonly Answer[] {
  if (world.otherReadings.length === 0) return [answerProbe(world, probe)];
  return [{ ...world, otherReadings: [] }, ...world.otherReadings].map((it) => answerProbe(it, probe));
}

/** What becomes of a probe in a world, in every version of Calico that may run. A flow whose answer is stopped is as dead as one whose request is. */
export function answerProbe(world: World, probe: Asked): Answer {
  const read = worldFor(world, probe.flow);
  const asked = probe.flow.state === "related" ? establishedWorld(read, probe.question.node) : read;
  const verdict = verdictFor(asked, probe.question, HOSTS_ONLY);
  if (verdict.reason === "unknown-interface" && mainInterfaceOf(probe.question) !== undefined)
    return askByInterface(asked, probe, verdict);
  const answer = answerOf(verdict);
  return probe.flow.state === "related" && answer.outcome === "allow" ? letByConntrack(answer) : answer;
}

/** Not the profile lets it pass that stands in for connection tracking (world-between.ts). */
function letByConntrack({ outcome, verdict }: Answer): Answer {
  return verdict.reason === "not-governed"
    ? { outcome, verdict }
    : { outcome, verdict: { ...verdict, reason: "conntrack-related", decidedBy: {} } };
}

function answerOf(verdict: Verdict): Answer {
  const reply = verdict.reply;
  if (verdict.verdict === "allow" && reply !== undefined && reply.verdict !== "allow")
    return {
      outcome: reply.verdict,
      verdict: { ...verdict, verdict: reply.verdict, reason: "untracked-reply", decidedBy: reply.decidedBy },
    };
  return { outcome: verdict.verdict, verdict };
}

/** A node that does not say what its main interface is called: it is one that an endpoint names, or another one. */
function askByInterface(world: World, probe: Asked, unknown: Verdict): Answer {
  const endpoints = world.nodes.get(probe.question.node)?.endpoints ?? [];
  const named = [...new Set(endpoints.map((it) => it.interfaceName))].filter(
    (it) => it !== "" && it !== "lo",
  );
  const other = "main";
  const main = mainInterfaceOf(probe.question) ?? "interface";
  const answers = [...named, other].map((name) =>
    answerOf(verdictFor(world, { ...probe.question, [main]: name }, HOSTS_ONLY)),
  );
  const [first] = answers;
  if (first !== undefined && answers.every((it) => it.outcome === first.outcome)) return first;
  return {
    outcome: "unknown",
    verdict: { ...unknown, decidedBy: worstOf(answers)?.verdict.decidedBy ?? unknown.decidedBy },
  };
}

/** Where a question leaves the node's main interface open. */
function mainInterfaceOf(question: Flow): "interface" | "outInterface" | undefined {
  if (question.interface === undefined) return "interface";
  return question.direction === "forward" && question.outInterface === undefined ? "outInterface" : undefined;
}

/**
 * HostEndpoints that were not read can only be the other side of a flow between nodes: no HostEndpoint has the address
 * of the API server or of a service of AWS. Pods are never read; where they are a side of the flow, what a selector finds
 * is not known.
 */
function worldFor(world: World, flow: Asked["flow"]): World {
  if (isForwarded(flow)) return withUnread(world, unreadPods);
  return withUnread(
    world,
    flow.peers.some((it) => mayBeNodes(it.kind, flow.byUser === true)) ? unreadHosts : () => noneUnread,
  );
}

function withUnread(world: World, unread: Unread): World {
  return {
    ...world,
    mayHaveUnread: unread(world.policies),
    otherReadings: world.otherReadings.map((it) => withUnread(it, unread)),
  };
}

const unreadPods = remembered((policies) =>
  unreadMembers({ ...policies, unread: new Set([...policies.unread, "Pod", "Namespace", "ServiceAccount"]) }),
);
/** No pod has the address of a node. */
const unreadHosts = remembered((policies) =>
  policies.unread.has("HostEndpoint")
    ? unreadMembers({ ...policies, unread: new Set(["HostEndpoint"]) })
    : noneUnread,
);

function noneUnread(): boolean {
  return false;
}

type Unread = (policies: CompiledPolicies) => World["mayHaveUnread"];

function remembered(find: Unread): Unread {
  const known = new WeakMap<CompiledPolicies, World["mayHaveUnread"]>();
  return (policies) => {
    const found = known.get(policies) ?? find(policies);
    known.set(policies, found);
    return found;
  };
}

function mayBeNodes(kind: EssentialFlow["peers"][number]["kind"], byUser: boolean): boolean {
  return kind === "every-node" || kind === "some-node" || (kind === "every" && byUser);
}
