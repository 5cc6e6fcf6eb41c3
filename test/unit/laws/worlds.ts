/**
 * Small random worlds for the laws of docs/architecture.md, section 7: few names and few values, so that things collide.
 * A world is a list of objects that exist; laws run the whole sentence on it, in memory, and look at what is left.
 */
import fc from "fast-check";
import { settingsSchema, type Settings } from "../../../lib/config/settings.ts";
import { CALICO_V1, type CalicoGroup } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";
import { decodeHostEndpoint } from "../../../lib/model/read-host-endpoint.ts";
import {
  CALICO_CREATED_BY_LABEL,
  DELETIONS_ANNOTATION,
  OWNER_LABEL,
  WAITS_ANNOTATION,
} from "../../../lib/names/names.ts";
import type { InstanceReader } from "../../../lib/ports/aws.ts";
import type { ClusterGateway } from "../../../lib/ports/kubernetes.ts";
import { reconcile, type Reconciliation } from "../../../lib/reconcile/reconcile.ts";
import { aHostEndpointObject } from "../../builders/a-host-endpoint.ts";
import { aNodeObject, type NodeSketch } from "../../builders/a-node.ts";
import type { InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

export const owner = "hostendpoint-reconciler";
export const nodeNames = ["node-1", "node-2", "node-3", "node-4", "node-5"] as const;

/** Enough deletions for any of these worlds, so that budgets do not hide other laws. */
export const generous: Settings = settingsSchema.parse({
  limits: { deletes: 1000, deleteShare: 1, provenDeletes: 1000, unwantedDeletes: 1000 },
});

export const resync: Trigger = { kind: "resync", source: "schedule" };

/** One run of the sentence, as a schedule or an event would start it. */
export function run(
  gateway: ClusterGateway,
  settings: Settings = generous,
  triggers: readonly Trigger[] = [resync],
  instances?: InstanceReader,
): Promise<Reconciliation> {
  const clock = { now: () => Date.parse("2026-11-22T12:00:00Z"), sleep: () => Promise.resolve() };
  return reconcile(
    { triggers, mode: "apply" },
    { settings, cluster: gateway, clock, ...(instances === undefined ? {} : { instances }) },
    AbortSignal.timeout(30_000),
  );
}

const labels = fc.dictionary(
  fc.constantFrom("tier", "zone", "example.com/team"),
  fc.constantFrom("a", "b", "web"),
  {
    maxKeys: 3,
  },
);

/** A node of some name: healthy mostly, else without address, of Windows, or not finished by Karpenter. */
export function nodeSketches(name: string): fc.Arbitrary<NodeSketch> {
  return fc.record(
    {
      name: fc.constant(name),
      uid: fc.constantFrom(`${name}-first`, `${name}-second`),
      labels,
      addresses: fc.oneof(
        { weight: 4, arbitrary: fc.constant([{ type: "InternalIP", address: `10.9.0.${name.slice(-1)}` }]) },
        fc.constant([]),
      ),
      operatingSystem: fc.constantFrom("linux", "linux", "linux", "windows"),
      taints: fc.constantFrom([], [], ["karpenter.sh/unregistered"]),
    },
    { requiredKeys: ["name", "uid"] },
  );
}

/** An endpoint of some name: ours and right, ours and drifted, ours for another node, in either label home, or foreign. */
function endpoints(name: string, group: CalicoGroup): fc.Arbitrary<KubernetesObject> {
  const autoName = `${name}-auto-hep`;
  return fc.oneof(
    fc
      .record({
        node: fc.constantFrom(name, ...nodeNames),
        labelHome: fc.constantFrom("native" as const, "annotation" as const),
        labels,
        profiles: fc.constantFrom([], ["projectcalico-default-allow"]),
        interfaceName: fc.constantFrom("*", "eth0"),
      })
      .map((it) => aHostEndpointObject({ ...it, name, group })),
    labels.map((it) => aHostEndpointObject({ name, node: name, group, owner: null, labels: it })),
    fc.constant(aHostEndpointObject({ name, node: name, group, owner: "another-installation" })),
    fc.constant(
      aHostEndpointObject({
        name: autoName,
        node: name,
        group,
        owner: null,
        labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers" },
      }),
    ),
  );
}

/** Objects of a whole world: nodes and endpoints, some without their counterpart. */
export function worlds(group: CalicoGroup = CALICO_V1): fc.Arbitrary<readonly KubernetesObject[]> {
  const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
  return fc
    .tuple(
      fc.tuple(...nodeNames.map((name) => maybe(nodeSketches(name).map(aNodeObject)))),
      fc.tuple(...nodeNames.map((name) => maybe(endpoints(name, group)))),
    )
    .map((parts) => parts.flat().filter((it) => it !== undefined));
}

/** Every endpoint as people see it: without what a server counts up on each write, and without the counts and marks of deletions. */
export function endpointsIn(
  cluster: InMemoryCluster,
  group: CalicoGroup = CALICO_V1,
): readonly KubernetesObject[] {
  return cluster.list(group, "hostendpoints").map((it) => ({
    ...withoutBookkeeping(it, group),
    metadata: {
      ...withoutBookkeeping(it, group).metadata,
      uid: "",
      resourceVersion: "",
      creationTimestamp: "",
    },
  }));
}

/** Labels and annotations in one home, as Calico reads them; without what counts and marks deletions, which decides no traffic. */
export function withoutBookkeeping(
  object: KubernetesObject,
  group: CalicoGroup = CALICO_V1,
): KubernetesObject {
  const { labels, annotations, skipped } = decodeHostEndpoint(group, object);
  if (skipped !== undefined) return object;
  const { [WAITS_ANNOTATION]: _waits, [DELETIONS_ANNOTATION]: _count, ...others } = annotations;
  return { ...object, metadata: { ...object.metadata, labels, annotations: others } };
}

/** True for an object as served that is ours, whichever home its labels have. */
export function isOurs(object: KubernetesObject): boolean {
  const mark = `${JSON.stringify(OWNER_LABEL)}:${JSON.stringify(owner)}`;
  return JSON.stringify(object.metadata).replaceAll("\\", "").includes(mark);
}
