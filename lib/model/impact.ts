import type { Finding } from "./finding.ts";
import type { Flow } from "./flow.ts";
import type { DecidedBy, Verdict } from "./verdict.ts";

/** What a change of policies would do to the nodes: the JSON of docs/output.md, "impact". */
export type Impact = {
  /** `cuts`: an essential flow would be cut, or might be. `changes`: some flow fares otherwise, no essential one worse. */
  readonly status: "unchanged" | "changes" | "cuts";
  readonly counts: {
    /** Nodes of the cluster. */
    readonly nodes: number;
    /** Of them, those that a HostEndpoint governs before or after. */
    readonly governed: number;
    readonly essentialCut: number;
    readonly essentialOpened: number;
    readonly trafficChanges: number;
    readonly policiesStarting: number;
    readonly policiesStopping: number;
  };
  /** Nodes that are alike to what decides, before and after. Each list sorted. */
  readonly groups: readonly NodeGroup[];
  /** Cuts first, then by flow. */
  readonly essential: readonly EssentialChange[];
  /** All other traffic that changes, alike flows together. */
  readonly traffic: readonly TrafficImpact[];
  readonly policies: readonly PolicyChange[];
  readonly findings: readonly Finding[];
};

export type NodeGroup = { readonly name: string; readonly nodes: readonly string[] };

export type EssentialChange = {
  /** Id of the flow. */
  readonly id: string;
  readonly change: "cut" | "may-be-cut" | "opened";
  /** Sorted. */
  readonly nodes: readonly string[];
  readonly before: Verdict["verdict"];
  readonly after: Verdict["verdict"];
  /** One packet of the flow, for which it is so. */
  readonly flow: Flow;
  readonly reason: Verdict["reason"];
  readonly decidedBy: DecidedBy;
  readonly message: string;
  /** A sentence; empty for what is opened. */
  readonly fix: string;
};

export type TrafficImpact = {
  readonly nodes: readonly string[];
  readonly direction: "ingress" | "egress" | "to-pods" | "from-pods" | "to-services";
  readonly protocol: string | number;
  /** `22`, `80-90`; empty for protocols without ports. */
  readonly ports: readonly string[];
  readonly before: TrafficVerdict;
  readonly after: TrafficVerdict;
  /** One of the flows. */
  readonly example: Flow;
  /** Classes of other addresses for which it is so. */
  readonly peers: number;
};
export type TrafficVerdict = {
  readonly verdict: Verdict["verdict"];
  readonly reason: Verdict["reason"];
  readonly decidedBy: DecidedBy;
};

export type PolicyChange = {
  /** `Kind/name` */
  readonly policy: string;
  readonly tier: string;
  readonly change: "starts" | "stops";
  readonly directions: readonly ("ingress" | "egress")[];
  readonly nodes: readonly string[];
};
