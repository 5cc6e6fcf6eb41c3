import type { Flow } from "../../model/flow.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { Outcome } from "../proof/answer-probe.ts";

/** Ways of a node's traffic. `to-services`: through the node by a NodePort, from outside to a pod. */
export type TrafficDirection = "ingress" | "egress" | "to-pods" | "from-pods" | "to-services";

/** A closed range of ports. */
export type PortRange = { readonly first: number; readonly last: number };

/** Traffic that fares otherwise in a second world than in a first. */
export type TrafficChange = {
  /** Nodes that are alike, for which it changes. Sorted. */
  readonly nodes: readonly string[];
  readonly direction: TrafficDirection;
  /** `tcp`, `icmp`, … or a number. */
  readonly protocol: string | number;
  /** Sorted, disjoint; empty for protocols without ports. */
  readonly ports: readonly PortRange[];
  readonly before: TrafficAnswer;
  readonly after: TrafficAnswer;
  /** One flow of those that change, on the first node. */
  readonly example: Flow;
  /** How many classes of other addresses it changes for. */
  readonly peers: number;
};
export type TrafficAnswer = {
  readonly outcome: Outcome;
  readonly reason: Verdict["reason"];
  readonly decidedBy: Verdict["decidedBy"];
};
