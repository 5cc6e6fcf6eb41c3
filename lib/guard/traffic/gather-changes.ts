import { ascending } from "../../model/ascending.ts";
import type { Answer } from "../proof/answer-probe.ts";
import type { Question } from "./questions-about.ts";
import type { PortRange, TrafficAnswer, TrafficChange } from "./traffic.ts";

/** One flow that fares otherwise, on nodes that are alike. */
export type FlowChange = {
  readonly question: Question;
  readonly nodes: readonly string[];
  readonly before: Answer;
  readonly after: Answer;
};

/** Flows that change alike, by the same deciders, are one change: their ports together, one of them as the example. Sorted. */
export function gatherChanges(changes: readonly FlowChange[]): readonly TrafficChange[] {
  const alike = Map.groupBy(changes, ({ question, nodes, before, after }) =>
    JSON.stringify([question.direction, question.protocol, nodes, decision(before), decision(after)]),
  );
  const found = [...alike.values()].flatMap((same): readonly TrafficChange[] => {
    const [first] = same;
    if (first === undefined) return [];
    const { question, nodes, before, after } = first;
    const peers = new Set(same.map((it) => peerOf(it.question)));
    return [
      {
        nodes,
        direction: question.direction,
        protocol: question.protocol,
        ports: unite(same.flatMap((it) => it.question.ports)),
        before: answerOf(before),
        after: answerOf(after),
        example: question.flow,
        peers: peers.size,
      },
    ];
  });
  return acrossNodes(found).sort(
    ascending(
      (it) => it.direction,
      (it) => String(it.protocol),
      (it) => it.after.outcome,
      (it) => it.before.outcome,
      (it) => it.ports[0]?.first ?? 0,
      (it) => it.nodes[0] ?? "",
    ),
  );
}

/** The same change on several groups of nodes is told once. */
function acrossNodes(changes: readonly TrafficChange[]): TrafficChange[] {
  const groups = Map.groupBy(changes, ({ direction, protocol, ports, before, after, peers }) =>
    JSON.stringify([direction, protocol, ports, withoutEndpoint(before), withoutEndpoint(after), peers]),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined
      ? []
      : [{ ...first, nodes: [...new Set(same.flatMap((it) => it.nodes))].sort() }];
  });
}

function decision({ outcome, verdict }: Answer): unknown {
  const { reason, decidedBy } = verdict;
  return [
    outcome,
    reason,
    decidedBy.hook,
    decidedBy.tier,
    decidedBy.policy,
    decidedBy.rule,
    decidedBy.profile,
  ];
}

function withoutEndpoint({ decidedBy, ...answer }: TrafficAnswer): unknown {
  return { ...answer, decidedBy: { ...decidedBy, hostEndpoint: undefined } };
}

function answerOf({ outcome, verdict }: Answer): TrafficAnswer {
  return { outcome, reason: verdict.reason, decidedBy: verdict.decidedBy };
}

function peerOf({ direction, flow }: Question): string {
  return direction === "egress" || direction === "from-pods" ? flow.destination.ip : flow.source.ip;
}

/** Sorted and disjoint; neighbours are one. */
function unite(ranges: readonly PortRange[]): readonly PortRange[] {
  const united: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
    const end = united.at(-1);
    if (end !== undefined && first <= end.last + 1) end.last = Math.max(end.last, last);
    else united.push({ first, last });
  }
  return united;
}
