/**
 * What a change of policies would do to the nodes, before anybody applies it.
 *
 * In: the cluster as it is and as it would be (`apply-proposal.ts`), the settings. Out: an `Impact`.
 * Must never happen: an essential flow that the guard would call cut after the change, and that is not called cut here. So
 * both ask the same proof.
 */
import { formatPorts } from "./format-ports.ts";
import type { FlowSettings } from "../guard/essential-flows/choose-flows.ts";
import { prepareProof } from "../guard/proof/prepare-proof.ts";
import { compareTraffic, type TrafficComparison } from "../guard/traffic/compare-traffic.ts";
import type { TrafficAnswer, TrafficChange } from "../guard/traffic/traffic.ts";
import type { Finding } from "../model/finding.ts";
import type { Impact, NodeGroup, TrafficImpact, TrafficVerdict } from "../model/impact.ts";
import { nodeGroupOf } from "../model/node-group.ts";
import type { Node } from "../model/node.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { essentialChanges } from "./essential-changes.ts";
import { newPoison } from "./new-poison.ts";
import { policyChanges } from "./policy-changes.ts";

export type ImpactRequest = {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly settings: FlowSettings;
  /** What is to be told of the objects of the change themselves. */
  readonly findings?: readonly Finding[];
};

export function impactOf({ before, after, settings, findings = [] }: ImpactRequest): Impact {
  const bases = { before: prepareProof(before, settings), after: prepareProof(after, settings) };
  const essential = essentialChanges({ before, after, bases });
  const comparison = compareTraffic({
    before: bases.before.world,
    after: bases.after.world,
    nodes: after.nodes,
    pods: bases.before.network.pods,
  });
  const policies = policyChanges(bases.before.world, bases.after.world);
  const cut = essential.filter((it) => it.change !== "opened");
  const isChanged = essential.length + comparison.changes.length + policies.length > 0;
  return {
    status: cut.length > 0 ? "cuts" : isChanged ? "changes" : "unchanged",
    counts: {
      nodes: after.nodes.length,
      governed: comparison.governed.length,
      essentialCut: cut.length,
      essentialOpened: essential.length - cut.length,
      trafficChanges: comparison.changes.length,
      policiesStarting: policies.filter((it) => it.change === "starts").length,
      policiesStopping: policies.filter((it) => it.change === "stops").length,
    },
    groups: groupsOf(comparison, after.nodes),
    essential,
    traffic: comparison.changes.map(trafficOf),
    policies,
    findings: [...findings, ...newPoison(before, after), ...sampledFinding(comparison)],
  };
}

/** Called after the node group that its nodes are from, numbered where there are several of one. */
function groupsOf({ groups }: TrafficComparison, nodes: readonly Node[]): readonly NodeGroup[] {
  const groupOf = new Map(nodes.map((it) => [it.name, nodeGroupOf(it)]));
  const named = groups.map((it) => ({
    nodes: it.toSorted(),
    of: [...new Set(it.map((name) => groupOf.get(name) ?? ""))].sort().join(" and "),
  }));
  const counts = Map.groupBy(named, (it) => it.of);
  return named.map((it) => {
    const same = counts.get(it.of) ?? [];
    return {
      name: same.length === 1 ? it.of : `${it.of}, kind ${same.indexOf(it) + 1}`,
      nodes: it.nodes,
    };
  });
}

function trafficOf({ ports, before, after, ...change }: TrafficChange): TrafficImpact {
  return { ...change, ports: formatPorts(ports), before: verdictOf(before), after: verdictOf(after) };
}

function verdictOf({ outcome, reason, decidedBy }: TrafficAnswer): TrafficVerdict {
  return { verdict: outcome, reason, decidedBy };
}

function sampledFinding({ sampled }: TrafficComparison): readonly Finding[] {
  return sampled
    ? [
        {
          severity: "warning",
          code: "traffic-sampled",
          object: "Cluster/policies",
          message:
            "the policies tell more kinds of traffic apart than are looked at: a part of the ordinary traffic was left out, evenly; essential flows were all looked at",
          fix: "look at one change at a time, or ask for single flows with hepctl simulate",
        },
      ]
    : [];
}
