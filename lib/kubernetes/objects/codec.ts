/**
 * HostEndpoints from the model to the wire: two dialects (`crd.projectcalico.org/v1`, `projectcalico.org/v3`), one model.
 * The way back is `decodeHostEndpoint` in the model.
 *
 * In: what an endpoint should be. Out: the object to write.
 * Must never happen: a label removal that Calico does not see, or the loss of a field that is not ours.
 *
 * On v1, labels and annotations have two homes (model/read-calico-metadata.ts). An update of an object whose metadata annotation
 * cannot be read replaces the broken annotation.
 */
import { CALICO_V1, type CalicoGroup } from "../../model/calico-group.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../../model/host-endpoint.ts";
import type { JsonObject, KubernetesObject, ObjectMeta, StringMap } from "../../model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION, OWNED_ANNOTATION_PREFIX } from "../../names/names.ts";
import { readMetadataAnnotation, writeMetadataAnnotation } from "../../model/read-calico-metadata.ts";

/** The object to POST. Plain native labels: Calico honours them in both dialects. */
export function encodeNewHostEndpoint(group: CalicoGroup, desired: DesiredHostEndpoint): KubernetesObject {
  return {
    apiVersion: group,
    kind: "HostEndpoint",
    metadata: withMaps({ name: desired.name }, desired.labels, desired.annotations),
    spec: encodeSpec({}, desired),
  };
}

/** The object to PUT: all that `observed` has, with the parts that we own replaced. Carries the observed resourceVersion and UID. */
export function encodeChangedHostEndpoint(
  group: CalicoGroup,
  observed: HostEndpoint,
  desired: DesiredHostEndpoint,
): KubernetesObject {
  const metadata: ObjectMeta = {
    ...observed.raw.metadata,
    uid: observed.uid,
    resourceVersion: observed.resourceVersion,
  };
  return {
    ...observed.raw,
    apiVersion: group,
    kind: "HostEndpoint",
    metadata: withMaps(
      metadata,
      desired.labels,
      encodeAnnotations(group, metadata.annotations ?? {}, desired),
    ),
    spec: encodeSpec(observed.raw.spec ?? {}, desired),
  };
}

/**
 * Native annotations of the written object. Where the metadata annotation exists, our keys are written into it as well:
 * only there do they override what a Calico client left (docs/calico.md 1.3).
 */
function encodeAnnotations(group: CalicoGroup, native: StringMap, desired: DesiredHostEndpoint): StringMap {
  const annotations = { ...without(native, isOwnedAnnotation), ...desired.annotations };
  if (group !== CALICO_V1) return annotations;
  const second = readMetadataAnnotation(native);
  switch (second.kind) {
    case "absent":
      return annotations;
    case "unreadable":
      return without(annotations, isMetadataAnnotation);
    case "present": {
      const inner = { ...without(second.annotations, isOwnedAnnotation), ...desired.annotations };
      return {
        ...annotations,
        [CALICO_METADATA_ANNOTATION]: writeMetadataAnnotation(second.document, desired.labels, inner),
      };
    }
  }
}

/** Empty values are left out: the CRD wants them absent, and `interfaceName: ""` means «by address» only when absent too. */
function encodeSpec(spec: JsonObject, desired: DesiredHostEndpoint): JsonObject {
  const {
    node: _node,
    interfaceName: _interface,
    expectedIPs: _addresses,
    profiles: _profiles,
    ...rest
  } = spec;
  return {
    ...rest,
    node: desired.node,
    ...(desired.interfaceName === "" ? {} : { interfaceName: desired.interfaceName }),
    ...(desired.expectedIPs.length === 0 ? {} : { expectedIPs: desired.expectedIPs }),
    ...(desired.profiles.length === 0 ? {} : { profiles: desired.profiles }),
  };
}

function withMaps(metadata: ObjectMeta, labels: StringMap, annotations: StringMap): ObjectMeta {
  const { labels: _labels, annotations: _annotations, ...rest } = metadata;
  return {
    ...rest,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

function without(map: StringMap, drop: (key: string) => boolean): StringMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !drop(key)));
}

function isOwnedAnnotation(key: string): boolean {
  return key.startsWith(OWNED_ANNOTATION_PREFIX);
}

function isMetadataAnnotation(key: string): boolean {
  return key === CALICO_METADATA_ANNOTATION;
}
