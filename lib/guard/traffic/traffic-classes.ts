/**
 * All traffic of the nodes, by the classes that the policies of some worlds tell apart.
 *
 * In: worlds with the same nodes. Out: for nodes that are alike, one question for each class. Bounded: `sampled` says that not
 * every class is asked about.
 * Must never happen: two flows in one class that one of the worlds treats differently.
 */
import type { Node } from "../../model/node.ts";
import { everyReading } from "../../policy/version/every-reading.ts";
import type { World } from "../../policy/world/world.ts";
import { answerOfVersions } from "../proof/answer-of-versions.ts";
import { answerEachVersion, type Answer } from "../proof/answer-probe.ts";
import { endpointClasses } from "../proof/endpoint-classes.ts";
import { addressesOfNode } from "../proof/node-addresses.ts";
import { decidingRules } from "./deciding-rules.ts";
import { localClasses } from "./local-classes.ts";
import { peerAddresses } from "./peer-classes.ts";
import { protocolClasses } from "./port-classes.ts";
import { questionsAbout, type Question } from "./questions-about.ts";
import type { TrafficDirection } from "./traffic.ts";

export type TrafficRequest = {
  /** With the same nodes; at least one. */
  readonly worlds: readonly World[];
  readonly nodes: readonly Node[];
  /** Blocks that pods' addresses are from. */
  readonly pods: readonly string[];
  /** Questions at most. */
  readonly most?: number;
};

export type TrafficClasses = {
  readonly groups: readonly TrafficGroup[];
  /** Nodes that have an endpoint in one of the worlds. */
  readonly governed: readonly string[];
  /** True when there is more to ask than is asked. */
  readonly sampled: boolean;
};
/** Nodes that are alike in a direction, and one question for each class of their traffic. */
export type TrafficGroup = {
  /** Sorted. */
  readonly nodes: readonly string[];
  readonly direction: TrafficDirection;
  readonly questions: readonly Question[];
};

const DIRECTIONS: readonly TrafficDirection[] = ["ingress", "egress", "to-pods", "from-pods", "to-services"];
const MOST_QUESTIONS = 200_000;

export function trafficClasses(request: TrafficRequest): TrafficClasses {
  const { worlds, nodes } = request;
  const alike = alikeNodes(worlds, nodes);
  const addresses = nodes.flatMap(addressesOfNode);
  const most = Math.ceil((request.most ?? MOST_QUESTIONS) / Math.max(1, alike.length * DIRECTIONS.length));
  let sampled = false;
  const groups = alike.flatMap((group) =>
    DIRECTIONS.flatMap((direction): readonly TrafficGroup[] => {
      const deciding = worlds.map((world) => ({
        world,
        by: decidingRules(world, group[0]?.name ?? "", direction),
      }));
      if (deciding.every(({ by }) => by.rules.length === 0) && isForwarded(direction)) return [];
      const locals = localClasses(
        deciding.map(({ world, by }) => ({ world, criteria: by.local })),
        group,
        addresses,
      );
      return locals.flatMap((own): readonly TrafficGroup[] => {
        const [first] = own;
        const [world] = worlds;
        if (first === undefined || world === undefined) return [];
        const questions = questionsAbout({
          node: first,
          direction,
          pods: request.pods,
          podInterface: podInterfaceOn(world, first.name),
          protocols: protocolClasses(deciding),
          peersOf: (family) =>
            peerAddresses(
              deciding.map(({ world: its, by }) => ({ world: its, criteria: by.peer })),
              family,
              addresses,
            ),
        });
        const asked = spread(questions, most);
        sampled ||= asked.length < questions.length;
        return [{ nodes: own.map((it) => it.name).sort(), direction, questions: asked }];
      });
    }),
  );
  const governed = nodes.map((it) => it.name).filter((it) => isGovernedIn(worlds, it));
  return { groups, governed, sampled };
}

/** What becomes of a question in a world, in every version of Calico that may run. */
export function answerQuestion(world: World, { flow, direction }: Question): Answer {
  const asked = { question: flow, flow: { direction: essentialWord(direction), peers: [] } } as const;
  return answerOfVersions(answerEachVersion(world, asked), world);
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
