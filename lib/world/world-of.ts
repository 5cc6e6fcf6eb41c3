/**
 * The one `World` that guard, rollout, explain, simulate, doctor, baseline, adopt and report ask.
 *
 * In: a snapshot, or objects from files. Out: nodes, endpoints and policies as Calico sees them, ready for `verdictFor`.
 * What only this room knows: tunnels that nodes tell of, objects that every cluster has, kinds that were not read.
 * Must never happen: two worlds of one cluster. So nobody else compiles policies or puts endpoints on nodes, but for a proof,
 * which puts other endpoints under the same policies.
 */
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { projectNode } from "../model/project-node.ts";
import { decodeHostEndpoint } from "../model/read-host-endpoint.ts";
import { stringAt } from "../model/read-json.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { calicoFacts } from "../policy/agent/calico-facts.ts";
import { versionsThatMayRun } from "../policy/version/versions-in.ts";
import { compilePolicies, type CompileOptions } from "../policy/world/compile-policies.ts";
import { attachModelEndpoints } from "../policy/world/attach-model-endpoints.ts";
import type { ReadKind, World } from "../policy/world/world.ts";
import type { FileObjects } from "./settle-files.ts";
import { impliedObjects } from "./implied-objects.ts";
import { unusedBecause } from "./unused-object.ts";
import { withTunnels } from "./with-tunnels.ts";

/** The part of a snapshot that decides; without endpoints it is the world before any. */
export type WorldSnapshot = Pick<Snapshot, "complete" | "nodes" | "policyObjects" | "calico"> &
  Partial<Pick<Snapshot, "hostEndpoints">>;

/** What a snapshot never holds: the reconciler has no permission to read it. What depends on it is unknown. */
const NEVER_READ: readonly ReadKind[] = [
  "Pod",
  "Namespace",
  "ServiceAccount",
  "NetworkPolicy",
  "KubernetesNetworkPolicy",
];

const known = new WeakMap<WorldSnapshot, World>();

/** The world of a snapshot; the same one, whoever asks. */
export function worldOf(snapshot: WorldSnapshot): World {
  const found =
    known.get(snapshot) ??
    build(
      {
        nodes: snapshot.nodes,
        hostEndpoints: snapshot.hostEndpoints ?? [],
        objects: Object.values(snapshot.policyObjects).flat(),
      },
      {
        unread: snapshot.complete ? NEVER_READ : [...NEVER_READ, "HostEndpoint"],
        calico: snapshot.calico,
        versions: versionsThatMayRun(snapshot.calico, Object.values(snapshot.policyObjects).flat()),
        kubeProxy: "unknown",
      },
    );
  known.set(snapshot, found);
  return found;
}

/** The world of files: everything given is all there is, but for what every cluster has. */
export function worldOfFiles({ group, objects }: FileObjects, options: CompileOptions = {}): World {
  const deciding = objects.filter((it) => unusedBecause(it) === undefined);
  const of = (kind: string) => deciding.filter((it) => it.kind === kind);
  const stated = objects.find(
    (it) => it.kind === "ClusterInformation" && it.apiVersion === group && it.metadata.name === "default",
  );
  const calico = calicoFacts({ daemonSets: of("DaemonSet") }, stringAt(stated?.spec, "calicoVersion"));
  const isInstallation = calico.agents.length > 0 || calico.stated !== "";
  return build(
    {
      nodes: of("Node").map((it) => projectNode(it)),
      hostEndpoints: of("HostEndpoint").map((it) => decodeHostEndpoint(group, it)),
      // ClusterInformation decides which version reads the rest, and nothing more.
      objects: deciding.filter((it) => !["Node", "HostEndpoint", "ClusterInformation"].includes(it.kind)),
    },
    {
      calico,
      // Files that show no installation describe no cluster: the newest state reads them (docs/calico-versions.md, "How we use it").
      ...(isInstallation ? { versions: versionsThatMayRun(calico, deciding), kubeProxy: "unknown" } : {}),
      ...options,
    },
  );
}

type Parts = {
  readonly nodes: readonly Node[];
  readonly hostEndpoints: readonly HostEndpoint[];
  /** Everything else that decides, as served. */
  readonly objects: readonly KubernetesObject[];
};

function build({ nodes, hostEndpoints, objects }: Parts, options: CompileOptions): World {
  const policies = compilePolicies([...withTunnels(objects, nodes), ...impliedObjects(objects)], {
    hostEndpoints: hostEndpoints.map((it) => it.raw),
    ...options,
  });
  return attachModelEndpoints(policies, { nodes, hostEndpoints });
}
