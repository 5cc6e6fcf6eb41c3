/**
 * The cluster behind `ClusterGateway`: reads that are whole or throw, writes that are conditional.
 * In: a transport. Out: the port that the rooms use. Only the codec knows Calico's dialects.
 */
import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import { NotFoundError, UnreachableError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { JsonObject } from "../model/kubernetes-object.ts";
import type { ClusterGateway, ObjectVersion, ResourcePath } from "../ports/kubernetes.ts";
import { pathRequest, resourceRequest } from "./requests/api-request.ts";
import { encodeChangedHostEndpoint, encodeNewHostEndpoint } from "./objects/codec.ts";
import { decodeHostEndpoint } from "../model/read-host-endpoint.ts";
import { expectDeletion, expectObject } from "./requests/expect-object.ts";
import { isServed } from "./requests/is-served.ts";
import { readFinalizers } from "./objects/read-finalizers.ts";
import { listPages } from "./requests/list-pages.ts";
import { METADATA_LIST } from "./requests/page-request.ts";
import { probeKubelet } from "./probes/probe-kubelet.ts";
import { createIntern, projectNode } from "../model/project-node.ts";
import { projectWorkload } from "./objects/project-workload.ts";
import { arrayAt, isJsonObject, stringAt } from "../model/read-json.ts";
import { readObject } from "../model/read-object.ts";
import type { Transport } from "./connection/transport.ts";

const METADATA_ONLY = `application/json;as=${METADATA_LIST};g=meta.k8s.io;v=v1`;

const nodes: ResourcePath = { groupVersion: "v1", resource: "nodes" };

export function createClusterGateway(transport: Transport): ClusterGateway {
  return {
    listApiGroups: async (signal) => {
      const answer = await transport.send(pathRequest("/apis"), signal);
      if (answer["kind"] !== "APIGroupList" || !Array.isArray(answer["groups"]))
        throw new UnreachableError("get /apis: the answer is no list of API groups", "protocol");
      return arrayAt(answer, "groups")
        .flatMap((it) => (isJsonObject(it) ? (stringAt(it, "name") ?? []) : []))
        .toSorted();
    },

    listNodes: async (signal) => {
      const intern = createIntern();
      const project = (item: JsonObject) => projectNode(item, intern);
      const ignored = ["images", "managedFields"];
      return (
        await listPages(transport, { resource: nodes, kind: "NodeList", project, ignored }, signal)
      ).sort(ascending((it) => it.name));
    },

    getNode: async (name, signal) => {
      const found = await transport.find(resourceRequest("get", nodes, { name }), signal);
      return found === undefined ? undefined : projectNode(expectObject(found, nodes, name));
    },

    listHostEndpoints: async (group, signal) => {
      const intern = createIntern();
      const project = (item: JsonObject, kind: string) =>
        decodeHostEndpoint(group, readObject(item, group, kind, intern));
      const resource = hostEndpoints(group);
      const ignored = ["managedFields"];
      return (
        await listPages(transport, { resource, kind: "HostEndpointList", project, ignored }, signal)
      ).sort(ascending((it) => it.name));
    },

    getHostEndpoint: async (group, name, signal) => {
      const found = await transport.find(resourceRequest("get", hostEndpoints(group), { name }), signal);
      return found === undefined ? undefined : readHostEndpoint(group, found, name);
    },

    listObjects: async ({ named, container, ...resource }, signal) => {
      const intern = createIntern();
      const project = (item: JsonObject, kind: string) => {
        const object = readObject(item, resource.groupVersion, kind, intern);
        return container === undefined ? object : projectWorkload(object, container);
      };
      const only = named === undefined ? {} : { fieldSelector: `metadata.name=${named}` };
      const found = await listPages(transport, { resource, kind: undefined, project, ...only }, signal);
      return found.filter((it) => it !== undefined).sort(ascending((it) => it.metadata.name));
    },

    listVersions: async ({ named, container: _all, ...resource }, signal) => {
      const only = named === undefined ? {} : { fieldSelector: `metadata.name=${named}` };
      const options = {
        resource,
        kind: METADATA_LIST,
        project: projectVersion,
        accept: METADATA_ONLY,
        ...only,
      };
      return listPages(transport, { ...options, ignored: ["managedFields"] }, signal);
    },

    getObject: async (resource, name, signal) => {
      try {
        const found = await transport.find(resourceRequest("get", resource, { name }), signal);
        return found === undefined
          ? undefined
          : readObject(expectObject(found, resource, name), resource.groupVersion, "");
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        if (!(await isServed(transport, resource, signal))) return undefined;
        throw new UnreachableError(
          `${resource.resource} "${name}": the API server answered as if it did not serve them, and says that it does`,
          "protocol",
          { cause: error },
        );
      }
    },

    serverTime: () => transport.serverTime(),

    probeKubelet: (node, signal) => probeKubelet(transport, node, signal),

    create: async (group, desired, signal) => {
      const body = encodeNewHostEndpoint(group, desired);
      const request = resourceRequest("create", hostEndpoints(group), { name: desired.name, body });
      return readHostEndpoint(group, await transport.send(request, signal), desired.name);
    },

    update: async (group, observed, desired, signal) => {
      const body = encodeChangedHostEndpoint(group, observed, desired);
      const request = resourceRequest("update", hostEndpoints(group), { name: observed.name, body });
      return readHostEndpoint(group, await transport.send(request, signal), observed.name);
    },

    delete: async (group, observed, signal) => {
      const { uid, resourceVersion } = observed;
      const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
      const request = resourceRequest("delete", hostEndpoints(group), { name: observed.name, body });
      expectDeletion(await transport.send(request, signal), hostEndpoints(group), observed.name);
    },
  };
}

function projectVersion(item: JsonObject): ObjectVersion {
  const { name, namespace, uid, resourceVersion, generation } = readObject(item, "", "").metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(generation === undefined ? {} : { generation }),
  };
}

function hostEndpoints(group: CalicoGroup): ResourcePath {
  return { groupVersion: group, resource: "hostendpoints" };
}

function readHostEndpoint(group: CalicoGroup, raw: JsonObject, name: string): HostEndpoint {
  const object = readObject(expectObject(raw, hostEndpoints(group), name), group, "HostEndpoint");
  const endpoint = decodeHostEndpoint(group, object);
  if (endpoint.uid === "" || endpoint.resourceVersion === "")
    throw new UnreachableError(
      `hostendpoints "${name}": the answer has no UID or no resourceVersion`,
      "protocol",
    );
  return endpoint.heldBy === undefined ? endpoint : { ...endpoint, heldBy: readFinalizers(raw) };
}
