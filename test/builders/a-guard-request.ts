import { parseSettings, type Settings } from "../../lib/config/settings.ts";
import { buildDesired } from "../../lib/desired/build-desired.ts";
import type { GuardRequest } from "../../lib/guard/rule.ts";
import { CALICO_V1 } from "../../lib/model/calico-group.ts";
import type { JsonObject, KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import type { NetworkFacts } from "../../lib/model/network-facts.ts";
import type { Node } from "../../lib/model/node.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { computePlan } from "../../lib/plan/compute-plan.ts";
import { calicoFacts } from "../../lib/policy/agent/calico-facts.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";
import { aHostEndpoint, type HostEndpointSketch } from "./a-host-endpoint.ts";
import { aNode } from "./a-node.ts";

/** A cluster and its settings, as far as the guard looks at them. */
export type GuardSketch = {
  /** Names, or whole Nodes. */
  readonly nodes?: readonly (string | Node)[];
  /** HostEndpoints that are there already. */
  readonly existing?: readonly HostEndpointSketch[];
  /** Profiles of the endpoints; the settings' default when absent. */
  readonly profiles?: readonly string[];
  readonly policies?: readonly KubernetesObject[];
  readonly tiers?: readonly KubernetesObject[];
  readonly networkSets?: readonly KubernetesObject[];
  readonly felix?: readonly KubernetesObject[];
  readonly daemonSets?: readonly KubernetesObject[];
  readonly network?: NetworkFacts;
  readonly complete?: boolean;
} & Partial<Pick<Settings, "stage" | "essentialFlows" | "essentialFlowsWithout">> & {
    /** More settings, as in a settings file. */
    readonly settings?: Readonly<Record<string, unknown>>;
  };

/** Settings as a file with these values gives them. */
export function someSettings(value: Readonly<Record<string, unknown>> = {}): Settings {
  const parsed = parseSettings(value, checkSelector);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}

/** The plan that the real rooms make of a sketch, with its snapshot: what the guard is asked about. */
export function aGuardRequest(sketch: GuardSketch = {}): GuardRequest {
  const { stage, essentialFlows, essentialFlowsWithout } = sketch;
  const settings = someSettings({
    ...(sketch.profiles === undefined ? {} : { endpoints: [{ profiles: sketch.profiles }] }),
    ...Object.fromEntries(
      Object.entries({ stage, essentialFlows, essentialFlowsWithout }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
    ...sketch.settings,
  });
  const snapshot = aSnapshot(sketch);
  const desired = buildDesired({
    scope: snapshot.scope,
    nodes: snapshot.nodes,
    templates: settings.endpoints,
    owner: settings.id,
  });
  return { plan: computePlan({ ...snapshot, desired, owner: settings.id }), snapshot, safety: settings };
}

/** The snapshot of a sketch. */
export function aSnapshot(sketch: GuardSketch = {}): Snapshot {
  const nodes = (sketch.nodes ?? []).map((it) => (typeof it === "string" ? aNode({ name: it }) : it));
  const hostEndpoints = (sketch.existing ?? []).map(aHostEndpoint);
  const names = new Set(nodes.map((it) => it.name));
  const daemonSets = sketch.daemonSets ?? [];
  return {
    scope:
      sketch.complete === false ? { kind: "nodes", nodes: [...names], instances: [] } : { kind: "cluster" },
    group: CALICO_V1,
    complete: sketch.complete ?? true,
    nodes: [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1)),
    absentNodes: [...new Set(hostEndpoints.map((it) => it.node).filter((it) => !names.has(it)))].sort(),
    hostEndpoints: [...hostEndpoints].sort((a, b) => (a.name < b.name ? -1 : 1)),
    cluster: { autoHostEndpoints: false },
    policyObjects: {
      globalNetworkPolicies: sketch.policies ?? [],
      tiers: sketch.tiers ?? [],
      globalNetworkSets: sketch.networkSets ?? [],
      felixConfigurations: sketch.felix ?? [],
      daemonSets,
    },
    calico: calicoFacts({ daemonSets }),
    network: sketch.network ?? {},
    instances: [],
    takenAt: "2026-11-22T00:00:00.000Z",
  };
}

/** A GlobalNetworkPolicy as the API serves it; `spec` as in a manifest. */
export function aGlobalNetworkPolicy(name: string, spec: JsonObject = {}): KubernetesObject {
  return { apiVersion: CALICO_V1, kind: "GlobalNetworkPolicy", metadata: { name }, spec };
}

/** A Tier; without `defaultAction` it ends with Deny. */
export function aTier(name: string, spec: JsonObject = {}): KubernetesObject {
  return { apiVersion: CALICO_V1, kind: "Tier", metadata: { name }, spec };
}

/** A FelixConfiguration. */
export function aFelixConfiguration(spec: JsonObject = {}, name = "default"): KubernetesObject {
  return { apiVersion: CALICO_V1, kind: "FelixConfiguration", metadata: { name }, spec };
}

/** The DaemonSet that runs Felix, with these entries in its container's `env`. */
export function aCalicoNode(env: readonly JsonObject[] = [], namespace = "calico-system"): KubernetesObject {
  const container = { name: "calico-node", image: "quay.io/calico/node:v3.32.0", env };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "calico-node", namespace },
    spec: {
      selector: { matchLabels: { "k8s-app": "calico-node" } },
      template: {
        metadata: { labels: { "k8s-app": "calico-node" } },
        spec: { containers: [container] },
      },
    },
  };
}
