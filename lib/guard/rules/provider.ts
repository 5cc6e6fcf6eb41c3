import type { Finding } from "../../model/finding.ts";
import type { Action } from "../../model/plan.ts";
import { isControlPlane, type Node } from "../../model/node.ts";
import { providersOf, type Provider } from "../../model/provider.ts";
import { worldOf } from "../../world/world-of.ts";
import { nodesByProvider } from "../essential-flows/nodes-by-provider.ts";
import { servingNodes } from "../essential-flows/serving-nodes.ts";
import { isAllowing, isLoosening } from "../loosening.ts";
import { nothingAgainst, type GuardRequest, type Rule } from "../rule.ts";

const SETTLE =
  "set `provider: eks|kubeadm|rke2|k3s|microk8s|aks|gke|generic` in the settings, and name under `essentialFlows` what is not proven: front end (VIP, load balancer) of the API servers, resolver, time servers, join ports";

/**
 * Says whose cluster it is where that is open, and holds back what would narrow a node of the control plane of a cluster that nobody
 * recognises: what its installer needs is not known, and everything lives on that node. Source: docs/providers.md 5.
 */
export const providerRule: Rule = (request) => {
  const { provider, essentialFlows } = request.safety;
  const { facts, nodes } = { facts: request.snapshot.network, nodes: request.snapshot.nodes };
  if (provider !== "auto" || facts.apiServerAccess !== undefined)
    return { judge: nothingAgainst, findings: [] };
  const unsettled = essentialFlows.length > 0 ? new Set<string>() : serversWithoutSign(nodes, request);
  return {
    judge: (action) => {
      if (!unsettled.has(action.node) || !narrows(action, request)) return undefined;
      return {
        reason: "provider-unknown",
        detail: `Node/${action.node} serves the API of a cluster that bears no sign of any installer or provider: what else it must let through is not known, and a policy would take hold of it`,
        fix: SETTLE,
      };
    },
    findings: request.snapshot.complete ? finding(nodes) : [],
  };
};

function serversWithoutSign(nodes: readonly Node[], { snapshot }: GuardRequest): ReadonlySet<string> {
  const unsigned = nodes.filter((it) => providersOf(it).length === 0);
  if (unsigned.length === 0) return new Set();
  const { servers } = servingNodes(nodes, snapshot.network.apiServers, nodesByProvider(nodes, "auto"));
  const names = new Set(servers.map((it) => it.name));
  return new Set(unsigned.filter((it) => names.has(it.name) || isControlPlane(it)).map((it) => it.name));
}

/** True for a write after which something other than the allow profile decides about the node's traffic. */
function narrows(action: Action, { snapshot }: GuardRequest): boolean {
  if (action.kind === "delete" || (action.kind === "update" && isLoosening(action))) return false;
  if (!isAllowing(action.desired.profiles)) return true;
  const labels = new Map(Object.entries(action.desired.labels));
  return worldOf(snapshot).policies.tiers.some((tier) =>
    tier.policies.some((it) => !it.staged && it.selector.matches(labels)),
  );
}

function finding(nodes: readonly Node[]): readonly Finding[] {
  if (nodes.length === 0) return [];
  const found = [
    ...Map.groupBy(
      nodes.flatMap((node) => providersOf(node).map((it) => ({ it, name: node.name }))),
      ({ it }) => it,
    ),
  ].map(([provider, same]): Recognised => ({ provider, nodes: same.map((it) => it.name) }));
  if (found.length === 1) return [];
  if (found.length === 0)
    return [
      {
        severity: "warning",
        code: "provider-unknown",
        object: "Cluster/nodes",
        message: `no Node bears a sign of an installer or provider: the front end of the API servers, resolver, time servers and join ports are not proven, and nodes that serve the API are not narrowed`,
        fix: SETTLE,
      },
    ];
  return [
    {
      severity: "info",
      code: "provider-mixed",
      object: "Cluster/nodes",
      message: `the Nodes bear signs of several: ${found.map(described).join("; ")}. Each gets the essential flows of all that it bears`,
      fix: SETTLE,
    },
  ];
}

type Recognised = { readonly provider: Provider; readonly nodes: readonly string[] };

function described({ provider, nodes }: Recognised): string {
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more` : "";
  return `${provider} (${nodes.slice(0, 3).join(", ")}${more})`;
}
