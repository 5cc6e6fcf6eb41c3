/**
 * What fares otherwise in a second world than in a first, over all traffic that the policies of either tell apart.
 *
 * In: two worlds with the same nodes. Out: the changes, alike ones together, each with a flow as an example. Bounded: `sampled`
 * says that not every class could be looked at.
 * Must never happen: a change of a class that was looked at and is not told.
 */
import type { Node } from "../../model/node.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { World } from "../../policy/world/world.ts";
import { answerOfVersions } from "../proof/answer-of-versions.ts";
import { answerEachVersion, type Answer } from "../proof/answer-probe.ts";
import { endpointClasses } from "../proof/endpoint-classes.ts";
import { addressesOfNode } from "../proof/node-addresses.ts";
import { decidingRules } from "./deciding-rules.ts";
import { gatherChanges, type FlowChange } from "./gather-changes.ts";
import { localClasses } from "./local-classes.ts";
import { peerAddresses } from "./peer-classes.ts";
import { protocolClasses } from "./port-classes.ts";
import { questionsAbout, type Question } from "./questions-about.ts";
import type { TrafficChange, TrafficDirection } from "./traffic.ts";

export type TrafficComparison = {
  readonly changes: readonly TrafficChange[];
  /** Nodes that are alike, one list each. */
  readonly groups: readonly (readonly string[])[];
  /** Nodes that have an endpoint in one of the worlds. */
  readonly governed: readonly string[];
  /** True when there was more to ask than is asked. */
  readonly sampled: boolean;
};

export type TrafficRequest = {
  readonly before: World;
  readonly after: World;
  readonly nodes: readonly Node[];
  /** Blocks that pods' addresses are from. */
  readonly pods: readonly string[];
  /** Questions that are asked of each world at most. */
  readonly most?: number;
};

const DIRECTIONS: readonly TrafficDirection[] = ["ingress", "egress", "to-pods", "from-pods", "to-services"];
const MOST_QUESTIONS = 200_000;

export function compareTraffic(request: TrafficRequest): TrafficComparison {
  const { before, after, nodes } = request;
  const groups = alikeNodes([before, after], nodes);
  const addresses = nodes.flatMap(addressesOfNode);
  const found: FlowChange[] = [];
  const most = Math.ceil((request.most ?? MOST_QUESTIONS) / Math.max(1, groups.length * DIRECTIONS.length));
  let sampled = false;
  const told: (readonly string[])[] = [];
  for (const group of groups)
    for (const direction of DIRECTIONS) {
      const deciding = [before, after].map((world) => ({
        world,
        by: decidingRules(world, group[0]?.name ?? "", direction),
      }));
      if (deciding.every(({ by }) => by.rules.length === 0) && isForwarded(direction)) continue;
      const own = localClasses(
        deciding.map(({ world, by }) => ({ world, criteria: by.local })),
        group,
        addresses,
      );
      for (const alike of own) {
        const [first] = alike;
        if (first === undefined) continue;
        if (direction === "ingress") told.push(alike.map((it) => it.name));
        const questions = questionsAbout({
          node: first,
          direction,
          pods: request.pods,
          podInterface: podInterfaceOn(before, first.name),
          protocols: protocolClasses(deciding),
          peersOf: (family) =>
            peerAddresses(
              deciding.map(({ world, by }) => ({ world, criteria: by.peer })),
              family,
              addresses,
            ),
        });
        const asked = spread(questions, most);
        sampled ||= asked.length < questions.length;
        const names = alike.map((it) => it.name).sort();
        for (const question of asked) {
          const [now, then] = [answer(before, question), answer(after, question)];
          if (now.outcome !== then.outcome) found.push({ question, nodes: names, before: now, after: then });
        }
      }
    }
  const governed = nodes.map((it) => it.name).filter((it) => isGovernedIn([before, after], it));
  return { changes: gatherChanges(found), groups: told, governed, sampled };
}

/**
 * Nodes with like endpoints and addresses of the same families together. Those without endpoints too: rules of Felix's own
 * for tunnels hold there as well.
 */
function alikeNodes(worlds: readonly World[], nodes: readonly Node[]): readonly (readonly Node[])[] {
  const classes = endpointClasses(worlds.flatMap(everyReading));
  const families = (node: Node) => [...new Set(addressesOfNode(node).map((it) => it.family))].join();
  return [...Map.groupBy(nodes, (it) => `${classes.get(it.name) ?? ""} ${families(it)}`).values()];
}

function isGovernedIn(worlds: readonly World[], name: string): boolean {
  return worlds.flatMap(everyReading).some((world) => {
    const there = world.nodes.get(name);
    return there !== undefined && (there.wildcard !== undefined || there.endpoints.length > 0);
  });
}

function answer(world: World, { flow, direction }: Question): Answer {
  const asked = { question: flow, flow: { direction: essentialWord(direction), peers: [] } } as const;
  return answerOfVersions(answerEachVersion(world, asked), world);
}

function essentialWord(direction: TrafficDirection): "ingress" | "egress" | "pods-in" | "pods-out" {
  switch (direction) {
    case "ingress":
    case "egress":
      return direction;
    case "from-pods":
      return "pods-out";
    case "to-pods":
    case "to-services":
      return "pods-in";
  }
}

function isForwarded(direction: TrafficDirection): boolean {
  return direction !== "ingress" && direction !== "egress";
}

function podInterfaceOn(world: World, node: string): string {
  return `${world.nodes.get(node)?.settings.workloadPrefixes[0] ?? "cali"}0`;
}

/** At most so many, evenly spread. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = items.length / most;
  return Array.from({ length: most }, (_, index) => items[Math.floor(index * step)]).filter(
    (it) => it !== undefined,
  );
}
