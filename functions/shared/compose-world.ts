/** Objects from files behind the port of a cluster, so that plans, explanations and baselines need no cluster. */
import { ascending } from "../../lib/model/ascending.ts";
import { resourceOfKind } from "../../lib/model/resource-of-kind.ts";
import { decodeHostEndpoint } from "../../lib/model/read-host-endpoint.ts";
import { projectNode } from "../../lib/model/project-node.ts";
import { projectWorkload } from "../../lib/kubernetes/objects/project-workload.ts";
import { DeniedError } from "../../lib/model/errors.ts";
import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import type { FileObjects } from "../../lib/world/settle-files.ts";

/** In: what `settleFiles` made of them. */
export function worldGateway({ group, objects }: FileObjects): ClusterGateway {
  const found = (apiVersion: string, resource: string) =>
    objects
      .filter((it) => it.apiVersion === apiVersion && resourceOfKind(it.kind) === resource)
      .sort(ascending((it) => it.metadata.name));
  const nodes = () => found("v1", "nodes").map((it) => projectNode(it));
  const endpoints = () => found(group, "hostendpoints").map((it) => decodeHostEndpoint(group, it));
  return {
    listApiGroups: async () => [group.split("/")[0] ?? group],
    listNodes: async () => nodes(),
    getNode: async (name) => nodes().find((it) => it.name === name),
    listHostEndpoints: async () => endpoints(),
    getHostEndpoint: async (_group, name) => endpoints().find((it) => it.name === name),
    listObjects: async ({ groupVersion, resource, named, container }) =>
      found(groupVersion, resource)
        .filter((it) => named === undefined || it.metadata.name === named)
        .flatMap((it) => (container === undefined ? it : (projectWorkload(it, container) ?? []))),
    listVersions: async ({ groupVersion, resource }) =>
      found(groupVersion, resource).map((it) => it.metadata),
    getObject: async ({ groupVersion, resource }, name) =>
      found(groupVersion, resource).find((it) => it.metadata.name === name),
    probeKubelet: async () => undefined,
    serverTime: () => undefined,
    create: refuse,
    update: refuse,
    delete: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new DeniedError("a world of files is only read", 403);
}
