import type { Finding } from "../model/finding.ts";
import type { Flow } from "../model/flow.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { DecidedBy, Hook, Verdict, VerdictOfVersions } from "../model/verdict.ts";

/** What one node or HostEndpoint is about: the JSON of docs/output.md, "explain", and how it came to be so. */
export type Explanation = {
  readonly node: string;
  /** How the entries of `endpoints` look at the node, in their order. */
  readonly templates: readonly ExplainedTemplate[];
  /** Present endpoints of the node in Felix's order, then those that are missing. */
  readonly hostEndpoints: readonly ExplainedEndpoint[];
  readonly flows: readonly ExplainedFlow[];
  readonly findings: readonly Finding[];
};

export type ExplainedTemplate = {
  /** The name pattern. */
  readonly name: string;
  /** The selector over Node labels. */
  readonly nodes: string;
  readonly selected: boolean;
  /** What the node's endpoint would be called. */
  readonly hostEndpoint: string;
};

export type ExplainedEndpoint = {
  readonly name: string;
  /** True when Felix uses it. */
  readonly effective: boolean;
  readonly because: string;
  readonly owner: "ours" | "calico-auto" | "other-installation" | "unknown";
  /** Against what our templates want. */
  readonly state: "as-desired" | "drifted" | "missing" | "foreign" | "unwanted";
  readonly interfaceName: string;
  readonly expectedIPs: readonly string[];
  readonly profiles: readonly string[];
  readonly labels: StringMap;
  /** Label -> where it comes from. */
  readonly labelSources: Readonly<Record<string, LabelSource>>;
  /** In the order in which Felix asks them. */
  readonly policies: Readonly<Record<Hook, readonly ExplainedPolicy[]>>;
};
export type LabelSource = "node" | "template" | "owner" | "endpoint";

export type ExplainedPolicy = {
  readonly tier: string;
  readonly policy: string;
  readonly directions: readonly ("ingress" | "egress")[];
};

export type ExplainedFlow = {
  readonly id: string;
  readonly flow: Flow;
  readonly verdict: Verdict["verdict"];
  readonly reason: Verdict["reason"];
  readonly decidedBy: DecidedBy;
  /** What each version of Calico that may run does; absent unless they disagree. */
  readonly readings?: readonly VerdictOfVersions[];
};
