import { versionsThatMayRun } from "../../policy/version/versions-in.ts";
import type { CalicoFacts } from "../../model/calico-agent.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import type { Node } from "../../model/node.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { usesTypha } from "../../policy/felix/felix-environment.ts";
import { resolveFelixSettings, type FelixSettings } from "../../policy/felix/felix-settings.ts";
import { isSelectorError, parseSelector } from "../../policy/selector/parse-selector.ts";
import { compilePolicies } from "../../policy/world/compile-policies.ts";
import type { CompiledPolicies } from "../../policy/world/world.ts";
import { chooseFlows, type FlowSettings } from "../essential-flows/choose-flows.ts";
import { detectNetwork, type Network } from "../essential-flows/detect-network.ts";
import type { SelectedFlow } from "./prove-plan.ts";

/** What a proof needs of a snapshot, compiled once. */
export type ProofBasis = {
  readonly policies: CompiledPolicies;
  readonly network: Network;
  readonly flows: readonly SelectedFlow[];
};

export function prepareProof(
  snapshot: Pick<Snapshot, "complete" | "nodes" | "policyObjects" | "calico" | "network"> &
    Partial<Pick<Snapshot, "hostEndpoints">>,
  settings: FlowSettings,
): ProofBasis {
  const { felixConfigurations, ...others } = snapshot.policyObjects;
  const policies = compilePolicies(
    [...Object.values(others).flat(), ...withTunnels(felixConfigurations, snapshot.nodes)],
    {
      unread: snapshot.complete ? [] : ["HostEndpoint"],
      calico: snapshot.calico,
      versions: versionsThatMayRun(snapshot.calico, Object.values(snapshot.policyObjects).flat()),
      kubeProxy: "unknown",
      hostEndpoints: snapshot.hostEndpoints?.map((it) => it.raw) ?? [],
    },
  );
  const network = detectNetwork({
    facts: snapshot.network,
    nodes: snapshot.nodes,
    settings: distinctSettings(policies),
    typha: anyUsesTypha(snapshot.calico),
  });
  return { policies, network, flows: chooseFlows(network, settings).map(select) };
}

/** Settings of each source on its own, under each environment. Which nodes they are for is not looked at. */
function distinctSettings(policies: CompiledPolicies): readonly FelixSettings[] {
  const { felixSources, felixEnvironments, otherReadings } = policies;
  const strongest = felixEnvironments.all.length === 0 ? [[]] : felixEnvironments.all.map((it) => [it]);
  const own = strongest.flatMap((environment) =>
    [[], ...felixSources.map((it) => [it])].map((it) =>
      resolveFelixSettings([...environment, ...it], policies),
    ),
  );
  return [...own, ...otherReadings.flatMap(distinctSettings)];
}

/** Undefined when nobody knows. One agent that uses it is enough. */
function anyUsesTypha({ agents, looked }: CalicoFacts): boolean | undefined {
  const answers = agents.map((it) => usesTypha(it.variables));
  if (answers.includes(true)) return true;
  return answers.length === 0 || answers.includes(undefined) || looked === "none" ? undefined : false;
}

function select(flow: SelectedFlow["flow"]): SelectedFlow {
  const parsed = flow.nodes === undefined ? undefined : parseSelector(flow.nodes);
  return { flow, selector: parsed === undefined || isSelectorError(parsed) ? undefined : parsed };
}

const TUNNELS = [
  ["vxlanEnabled", ["IPv4VXLANTunnelAddr", "IPv6VXLANTunnelAddr"]],
  ["ipipEnabled", ["IPv4IPIPTunnelAddr"]],
] as const;

/**
 * Felix turns tunnels on when an IP pool asks for them, unless its configuration says otherwise. Pools are not read; that
 * calico-node wrote a tunnel address on Nodes says the same (docs/calico.md 16).
 */
function withTunnels(
  configurations: readonly KubernetesObject[],
  nodes: readonly Node[],
): readonly KubernetesObject[] {
  const isOn = (annotations: readonly string[]) =>
    annotations.some((it) => nodes.some((node) => node.annotations[`projectcalico.org/${it}`] !== undefined));
  const on = Object.fromEntries(
    TUNNELS.flatMap(([field, annotations]) => (isOn(annotations) ? [[field, true] as const] : [])),
  );
  if (Object.keys(on).length === 0) return configurations;
  const [first] = configurations;
  const found = configurations.find((it) => it.metadata.name === "default");
  const base: KubernetesObject = found ?? {
    apiVersion: first?.apiVersion ?? "crd.projectcalico.org/v1",
    kind: "FelixConfiguration",
    metadata: { name: "default" },
  };
  return [...configurations.filter((it) => it !== found), { ...base, spec: { ...on, ...base.spec } }];
}
