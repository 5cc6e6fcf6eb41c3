import type { World } from "../../policy/world/world.ts";
import { gatherChanges } from "./gather-changes.ts";
import { answerQuestion, trafficClasses, type TrafficRequest } from "./traffic-classes.ts";
import type { TrafficChange } from "./traffic.ts";

export type TrafficComparison = {
  readonly changes: readonly TrafficChange[];
  /** Nodes that are alike, one list each. */
  readonly groups: readonly (readonly string[])[];
  /** Nodes that have an endpoint in one of the worlds. */
  readonly governed: readonly string[];
  /** True when there was more to ask than is asked. */
  readonly sampled: boolean;
};

export type ComparisonRequest = Omit<TrafficRequest, "worlds"> & {
  readonly before: World;
  readonly after: World;
};

/** What fares otherwise in a second world than in a first: alike flows together, each with one of them as an example. */
export function compareTraffic({ before, after, ...request }: ComparisonRequest): TrafficComparison {
  const { groups, governed, sampled } = trafficClasses({ ...request, worlds: [before, after] });
  const found = groups.flatMap(({ nodes, questions }) =>
    questions.flatMap((question) => {
      const [now, then] = [answerQuestion(before, question), answerQuestion(after, question)];
      return now.outcome === then.outcome ? [] : [{ question, nodes, before: now, after: then }];
    }),
  );
  return {
    changes: gatherChanges(found),
    groups: groups.filter((it) => it.direction === "ingress").map((it) => it.nodes),
    governed,
    sampled,
  };
}
