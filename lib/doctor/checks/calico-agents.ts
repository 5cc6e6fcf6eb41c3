/**
 * Who enforces, on which nodes, and which Calico it is: said where there is none, more than one, or nobody can tell.
 * Source: docs/calico-versions.md 1.
 */
import { unfitness } from "../../desired/fitness.ts";
import type { CalicoAgent, CalicoFacts } from "../../model/calico-agent.ts";
import type { Finding } from "../../model/finding.ts";
import type { Node } from "../../model/node.ts";
import { CLUSTER_ROLE } from "../../names/names.ts";
import { covers } from "../../policy/agent/covers.ts";
import { agentName } from "../../policy/agent/read-agent.ts";
import { formatCalicoVersion } from "../../policy/version/calico-version.ts";
import type { Check } from "../facts.ts";

/** From there on nodes are counted, not named. */
const MOST_NAMES = 10;

export const calicoAgentsCheck: Check = ({ calico, plan }) => {
  if (calico === undefined) return [];
  const nodes = (plan?.snapshot.nodes ?? []).filter(mayRunFelix);
  return [
    ...unreadAgents(calico, nodes),
    ...nodesWithoutAgent(calico, nodes),
    ...overlappingAgents(calico, nodes),
    ...mixedVersions(calico),
  ];
};

/** A hybrid node is left out of templates for its addresses, not for its agent. */
function mayRunFelix(node: Node): boolean {
  const unfit = unfitness(node);
  return unfit === undefined || unfit.reason === "hybrid";
}

function unreadAgents(calico: CalicoFacts, nodes: readonly Node[]): readonly Finding[] {
  const { looked, agents } = calico;
  if (looked === "all") return [];
  const open = nodes.filter((it) => isWithout(agents, it)).length;
  const seen =
    looked === "none" ? "DaemonSets may not be listed" : "only DaemonSets called calico-node may be listed";
  return [
    {
      severity: "warning",
      code: "calico-agents-unread",
      object: `ClusterRole/${CLUSTER_ROLE}`,
      message: `${seen}: an agent of another name (canal, rke2-canal) is not seen. On ${open} of ${nodes.length} nodes no agent is known, and the guard counts on no failsafe there`,
      fix: "hepctl rbac | kubectl apply -f -",
    },
  ];
}

/** Where nobody enforces, an endpoint protects nothing, however many there are. */
function nodesWithoutAgent({ agents, looked }: CalicoFacts, nodes: readonly Node[]): readonly Finding[] {
  if (agents.length === 0 || looked !== "all") return [];
  const without = nodes.filter((it) => isWithout(agents, it)).map((it) => it.name);
  const names = listed(agents.map(agentName));
  const finding = (object: string, whom: string): Finding => ({
    severity: "warning",
    code: "node-without-agent",
    object,
    message: `by taints, labels or affinity ${names} ${agents.length === 1 ? "does" : "do"} not run on ${whom}: nothing enforces host endpoints there`,
    fix: `let a DaemonSet that runs calico-node tolerate its taints and select its labels, or take the node out of the templates`,
  });
  const named = without.slice(0, MOST_NAMES).map((it) => finding(`Node/${it}`, "it"));
  const rest = without.length - named.length;
  return rest === 0 ? named : [...named, finding("Cluster/nodes", `${rest} more nodes`)];
}

/** Two Felixes on one node undo each other's work. */
function overlappingAgents({ agents }: CalicoFacts, nodes: readonly Node[]): readonly Finding[] {
  const pairs = new Map<string, number>();
  for (const node of agents.length < 2 ? [] : nodes) {
    const sure = agents.filter(({ placement }) => covers(placement, node) === "yes");
    if (sure.length < 2) continue;
    const key = listed(sure.map(agentName));
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  return [...pairs].map(([names, count]) => ({
    severity: "warning",
    code: "calico-agents-overlap",
    object: "Cluster/calico",
    message: `${names} run on the same ${count === 1 ? "node" : `${count} nodes`}: two Felixes overwrite each other, and what they are told differently is not known`,
    fix: "remove one of them, or give them nodes of their own (nodeSelector)",
  }));
}

function mixedVersions({ versions, agents, stated }: CalicoFacts): readonly Finding[] {
  if (versions.length < 2) return [];
  const told = [
    ...agents.flatMap((it) =>
      it.version === undefined ? [] : [`${agentName(it)} runs ${formatCalicoVersion(it.version)}`],
    ),
    ...(stated === "" ? [] : [`ClusterInformation/default says ${stated.slice(0, MOST_VERSION_TEXT)}`]),
  ];
  return [
    {
      severity: "warning",
      code: "calico-version-mixed",
      object: "Cluster/calico",
      message: `several versions of Calico may be running: ${listed(told)}. A verdict holds only where they agree`,
      fix: "finish the upgrade (kubectl rollout status of each DaemonSet); calico-node writes ClusterInformation when it starts",
    },
  ];
}

const MOST_VERSION_TEXT = 60;

function isWithout(agents: readonly CalicoAgent[], node: Node): boolean {
  return agents.every(({ placement }) => covers(placement, node) === "no");
}

function listed(texts: readonly string[]): string {
  const rest = texts.length - MOST_NAMES;
  const named = texts.slice(0, MOST_NAMES).join(", ");
  return rest > 0 ? `${named} and ${rest} more` : named;
}
