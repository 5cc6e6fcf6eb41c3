import type { CalicoGroup } from "../model/calico-group.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { KubernetesObject, ObjectMeta } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";

/**
 * What the rooms need of a cluster. Every call takes an AbortSignal and throws only errors of `model/errors.ts`;
 * a list is whole or it throws.
 */
export interface ClusterReader {
  /** Names of the API groups that are served (`/apis`). */
  listApiGroups(signal: AbortSignal): Promise<readonly string[]>;
  /** All Nodes, projected, sorted by name. */
  listNodes(signal: AbortSignal): Promise<readonly Node[]>;
  /** Undefined only when the API server answered 404. */
  getNode(name: string, signal: AbortSignal): Promise<Node | undefined>;
  /** All HostEndpoints of the group, sorted by name. */
  listHostEndpoints(group: CalicoGroup, signal: AbortSignal): Promise<readonly HostEndpoint[]>;
  /** Undefined only when the API server answered 404 for the object (not for the resource: that throws NotFoundError). */
  getHostEndpoint(group: CalicoGroup, name: string, signal: AbortSignal): Promise<HostEndpoint | undefined>;
  /** All objects of one resource, whole, sorted by name; cluster-wide for namespaced ones. */
  listObjects(resource: ListPath, signal: AbortSignal): Promise<readonly KubernetesObject[]>;
  /**
   * What each object of one resource was last written as, and nothing of what it says: a list of metadata alone, in the order of
   * the server. RBAC is that of the list. `container` is not looked at.
   */
  listVersions(resource: ListPath, signal: AbortSignal): Promise<readonly ObjectVersion[]>;
  /**
   * The API server's clock at its latest answer, in milliseconds since 1970: the one clock that all who run share. Undefined
   * where nobody tells.
   */
  serverTime(): number | undefined;
  /**
   * Undefined when there is no such object, or no such resource, as the server's own list of resources says. What is not what
   * was asked for (another kind, name or version) is an error of the answer, never absence.
   */
  getObject(resource: ResourcePath, name: string, signal: AbortSignal): Promise<KubernetesObject | undefined>;
  /**
   * Has the API server open a new connection to a Node's kubelet and ask for its health (`nodes/proxy` get). `failed`: no
   * connection, or a kubelet that calls itself unhealthy. Undefined when the answer says nothing about the kubelet.
   * @throws DeniedError without that permission
   */
  probeKubelet(node: string, signal: AbortSignal): Promise<"answered" | "failed" | undefined>;
}

/** `generation` counts what a person asked for, where the kind has it; `resourceVersion` changes with every write. */
export type ObjectVersion = Pick<ObjectMeta, "name" | "namespace" | "uid" | "resourceVersion" | "generation">;

/** `{ groupVersion: "crd.projectcalico.org/v1", resource: "tiers" }`; core is `v1`. */
export type ResourcePath = {
  readonly groupVersion: string;
  readonly resource: string;
  readonly namespace?: string;
};

/**
 * With `named`: only the objects of that name, in every namespace; RBAC can grant such a list by `resourceNames`. With
 * `container`: only workloads whose pods have a container of that name, and of them only what places, configures and counts it.
 */
export type ListPath = ResourcePath & { readonly named?: string; readonly container?: string };

/** Every write is conditional: create-only, on a resourceVersion, or on UID and resourceVersion. */
export interface HostEndpointWriter {
  /** @throws ConflictError when an object of that name exists. */
  create(group: CalicoGroup, desired: DesiredHostEndpoint, signal: AbortSignal): Promise<HostEndpoint>;
  /** Replaces what we own on `observed` and leaves the rest. @throws ConflictError when it changed since, NotFoundError when it is gone. */
  update(
    group: CalicoGroup,
    observed: HostEndpoint,
    desired: DesiredHostEndpoint,
    signal: AbortSignal,
  ): Promise<HostEndpoint>;
  /**
   * The API server said yes; whether the endpoint is gone is for a read to say (a finalizer keeps it).
   * @throws ConflictError when it changed since or is another object by now, NotFoundError when it is gone.
   */
  delete(group: CalicoGroup, observed: HostEndpoint, signal: AbortSignal): Promise<void>;
}

export interface ClusterGateway extends ClusterReader, HostEndpointWriter {}
