/**
 * Finds the Nodes of EC2 instances. The provider ID decides; names only tell where to look (docs/aws.md 5).
 */
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Instance } from "../model/instance.ts";
import type { Node } from "../model/node.ts";
import type { ResolvedInstance } from "../model/snapshot.ts";
import { PROVIDER_ID_ANNOTATION } from "../names/names.ts";

/** Last path segment of `aws:///zone/i-…` when it is an instance id. */
export function instanceIdOf(providerId: string | undefined): string | undefined {
  const segment = providerId?.split("/").at(-1);
  return segment !== undefined && /^i-[0-9a-f]+$/.test(segment) ? segment : undefined;
}

/** Names under which an instance's Node may have registered: private DNS naming, instance-id naming. */
export function candidateNames(instance: Instance): readonly string[] {
  return instance.privateDnsName === ""
    ? [instance.instanceId]
    : [instance.privateDnsName, instance.instanceId];
}

/** True when every cluster tag on the instance names another cluster. */
export function isOtherCluster(instance: Instance, cluster: string | undefined): boolean {
  return cluster !== undefined && instance.clusters.length > 0 && !instance.clusters.includes(cluster);
}

/** What was found about one instance id, given all that was read. */
export function resolveInstance(
  instanceId: string,
  instance: Instance | undefined,
  world: { readonly nodes: readonly Node[]; readonly hostEndpoints: readonly HostEndpoint[] },
  cluster: string | undefined,
): ResolvedInstance {
  const node = world.nodes.find((it) => instanceIdOf(it.providerId) === instanceId)?.name;
  const facts = instance === undefined ? { instanceId } : { instanceId, instance };
  if (node !== undefined) return { ...facts, node, kind: "registered" };
  if (instance !== undefined && isOtherCluster(instance, cluster)) return { ...facts, kind: "other-cluster" };
  const endpoint = world.hostEndpoints.find(
    (it) => instanceIdOf(it.annotations[PROVIDER_ID_ANNOTATION]) === instanceId,
  );
  const gone =
    instance === undefined || instance.state === "terminated" || instance.state === "shutting-down";
  if (endpoint !== undefined)
    return { ...facts, node: endpoint.node, kind: gone ? "gone" : "not-registered" };
  if (instance === undefined) return { ...facts, kind: "unknown" };
  return { ...facts, kind: gone ? "gone" : "not-registered" };
}
