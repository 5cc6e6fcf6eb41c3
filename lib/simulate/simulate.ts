/**
 * Offline verdicts: what Calico does to flows in a world of files.
 *
 * In: a prepared world, flows. Out: one answer for each flow, in their order, in the shape of docs/output.md.
 */
import type { Flow } from "../model/flow.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Verdict } from "../model/verdict.ts";
import { isAgent } from "../policy/agent/read-agent.ts";
import { explainRefusals } from "../policy/validation/explain-refusals.ts";
import { calicoVersionsIn } from "../policy/version/versions-in.ts";
import { verdictFor } from "../policy/verdict.ts";
import { compileWorld } from "../policy/world/compile-world.ts";
import type { CompileOptions } from "../policy/world/compile-policies.ts";
import type { World } from "../policy/world/world.ts";

export type SimulatedFlow = { readonly id: string } & Verdict;

/** The kinds of docs/output.md; everything else in a world file (but the DaemonSets that run Felix) is ignored with a note. */
const KINDS: ReadonlySet<string> = new Set([
  "Node",
  "Namespace",
  "Pod",
  "ServiceAccount",
  "HostEndpoint",
  "GlobalNetworkPolicy",
  "NetworkPolicy",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
  "StagedKubernetesNetworkPolicy",
  "GlobalNetworkSet",
  "NetworkSet",
  "Tier",
  "FelixConfiguration",
  "Profile",
]);

export type PreparedWorld = { readonly world: World; readonly notes: readonly string[] };

/**
 * Compiles the objects. Files that show an installation of Calico (its DaemonSet, ClusterInformation) are read as its versions
 * read them; files that do not describe no cluster, and the newest state of Calico reads them. Each note is one line about something that does not count. */
export function prepareWorld(
  objects: readonly KubernetesObject[],
  options: CompileOptions = {},
): PreparedWorld {
  const decides = (it: KubernetesObject) => KINDS.has(it.kind) || isAgent(it);
  const isKnown = (it: KubernetesObject) => decides(it) || it.kind === "ClusterInformation";
  const unknown = Map.groupBy(
    objects.filter((it) => !isKnown(it)),
    (it) => `${it.apiVersion} ${it.kind}`,
  );
  const versions = calicoVersionsIn(objects);
  const world = compileWorld(objects.filter(decides), {
    ...(versions === undefined ? {} : { versions, kubeProxy: "unknown" }),
    ...options,
  });
  return {
    world,
    notes: [
      ...[...unknown].map(
        ([kind, found]) =>
          `ignored: ${found.length} of ${kind}, which does not decide about host traffic here`,
      ),
      ...explainRefusals(objects, versions),
      ...world.notes.map((it) => `${it.object}: ${it.message}`),
    ],
  };
}

/** `path`: tell every step of every decision, which costs time. Flows without an id are numbered. */
export function simulate(
  world: World,
  flows: readonly Flow[],
  options: { readonly path: boolean },
): readonly SimulatedFlow[] {
  return flows.map((flow, index) => ({
    id: flow.id ?? `flow-${index + 1}`,
    ...verdictFor(world, flow, options),
  }));
}
