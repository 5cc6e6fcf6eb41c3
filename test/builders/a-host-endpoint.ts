import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../../lib/model/calico-group.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../../lib/model/host-endpoint.ts";
import type {
  JsonObject,
  JsonValue,
  KubernetesObject,
  StringMap,
} from "../../lib/model/kubernetes-object.ts";
import { decodeHostEndpoint } from "../../lib/model/read-host-endpoint.ts";
import {
  ALLOW_PROFILE,
  CALICO_METADATA_ANNOTATION,
  NODE_UID_ANNOTATION,
  OWNER_LABEL,
  PROVIDER_ID_ANNOTATION,
} from "../../lib/names/names.ts";
import { addressFor, aNode } from "./a-node.ts";

/** What a test may say of a HostEndpoint; the default is one of ours, as the default settings make it for `aNode()`. */
export type HostEndpointSketch = {
  readonly group?: CalicoGroup;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly node?: string;
  readonly interfaceName?: string;
  readonly expectedIPs?: readonly string[];
  readonly profiles?: readonly string[];
  readonly ports?: readonly JsonValue[];
  /** Value of the owner label; `null` for an object of somebody else. */
  readonly owner?: string | null;
  readonly labels?: StringMap;
  /** Added to those that we write. */
  readonly annotations?: StringMap;
  /** `annotation`: as a Calico client (calicoctl, the v3 API) left it; v1 only. */
  readonly labelHome?: "native" | "annotation";
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly JsonObject[];
  readonly deleting?: boolean;
};

/** A HostEndpoint of the model: what `listHostEndpoints` answers for `aHostEndpointObject` of the same sketch. */
export function aHostEndpoint(sketch: HostEndpointSketch = {}): HostEndpoint {
  return decodeHostEndpoint(sketch.group ?? CALICO_V1, aHostEndpointObject(sketch));
}

/** A HostEndpoint as the API serves it. */
export function aHostEndpointObject(sketch: HostEndpointSketch = {}): KubernetesObject {
  const group = sketch.group ?? CALICO_V1;
  const desired = aDesiredHostEndpoint(sketch);
  const inAnnotation = sketch.labelHome === "annotation" && group !== CALICO_V3;
  const annotations = { ...desired.annotations, ...sketch.annotations };
  return {
    apiVersion: group,
    kind: "HostEndpoint",
    metadata: {
      name: desired.name,
      uid: sketch.uid ?? `uid-of-host-endpoint-${desired.name}`,
      resourceVersion: sketch.resourceVersion ?? "1",
      creationTimestamp: "2026-11-22T00:00:00Z",
      ...(inAnnotation
        ? {
            annotations: {
              [CALICO_METADATA_ANNOTATION]: JSON.stringify({
                creationTimestamp: "2026-11-22T00:00:00Z",
                labels: desired.labels,
                annotations,
              }),
            },
          }
        : { labels: desired.labels, annotations }),
      ...(sketch.finalizers === undefined ? {} : { finalizers: sketch.finalizers }),
      ...(sketch.ownerReferences === undefined ? {} : { ownerReferences: sketch.ownerReferences }),
      ...(sketch.deleting === true ? { deletionTimestamp: "2026-11-22T01:00:00Z" } : {}),
    },
    spec: {
      node: desired.node,
      ...(desired.interfaceName === "" ? {} : { interfaceName: desired.interfaceName }),
      ...(desired.expectedIPs.length === 0 ? {} : { expectedIPs: desired.expectedIPs }),
      ...(desired.profiles.length === 0 ? {} : { profiles: desired.profiles }),
      ...(sketch.ports === undefined ? {} : { ports: sketch.ports }),
    },
  };
}

/** What a HostEndpoint should be; the same defaults. */
export function aDesiredHostEndpoint(sketch: HostEndpointSketch = {}): DesiredHostEndpoint {
  const node = aNode({ name: sketch.node ?? sketch.name ?? aNode().name });
  const owner = sketch.owner === undefined ? "hostendpoint-reconciler" : sketch.owner;
  return {
    name: sketch.name ?? node.name,
    node: node.name,
    interfaceName: sketch.interfaceName ?? "*",
    expectedIPs: sketch.expectedIPs ?? [addressFor(node.name)],
    profiles: sketch.profiles ?? [ALLOW_PROFILE],
    labels: {
      ...(sketch.labels ?? node.labels),
      ...(owner === null ? {} : { [OWNER_LABEL]: owner }),
    },
    annotations:
      owner === null
        ? {}
        : { [NODE_UID_ANNOTATION]: node.uid, [PROVIDER_ID_ANNOTATION]: node.providerId ?? "" },
  };
}
