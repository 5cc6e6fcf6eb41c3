/**
 * Annotations that are ours and no part of what an endpoint should be: who wrote it, and what it carries for all runs. They go
 * along with every write and are never a reason for one.
 */
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { UpdateAction } from "../model/plan.ts";
import { DELETIONS_ANNOTATION, OWNED_ANNOTATION_PREFIX, SETTINGS_ANNOTATION } from "../names/names.ts";

/** `desired` as it is written over `observed` (or anew): signed, and with the count of deletions that `observed` carries. */
export function withBookkeeping(
  desired: DesiredHostEndpoint,
  observed: HostEndpoint | undefined,
  signature: string | undefined,
): DesiredHostEndpoint {
  const signed = signature ?? desired.annotations[SETTINGS_ANNOTATION];
  const carried = observed?.annotations[DELETIONS_ANNOTATION];
  const {
    [DELETIONS_ANNOTATION]: _deletions,
    [SETTINGS_ANNOTATION]: _settings,
    ...own
  } = desired.annotations;
  return {
    ...desired,
    annotations: {
      ...own,
      ...(signed === undefined ? {} : { [SETTINGS_ANNOTATION]: signed }),
      ...(carried === undefined ? {} : { [DELETIONS_ANNOTATION]: carried }),
    },
  };
}

/** The same endpoint with these annotations of ours beside those that it has. */
export function annotated(observed: HostEndpoint, annotations: StringMap): DesiredHostEndpoint {
  const { name, node, interfaceName, expectedIPs, profiles, labels } = observed;
  const own = Object.entries(observed.annotations).filter(([key]) => key.startsWith(OWNED_ANNOTATION_PREFIX));
  return {
    name,
    node,
    interfaceName,
    expectedIPs,
    profiles,
    labels,
    annotations: { ...Object.fromEntries(own), ...annotations },
  };
}

export function annotation(observed: HostEndpoint, annotations: StringMap): UpdateAction {
  const desired = annotated(observed, annotations);
  const changes = Object.entries(annotations).map(([key, to]) => {
    const from = observed.annotations[key];
    const path = `metadata.annotations[${JSON.stringify(key)}]`;
    return from === undefined ? { path, to } : { path, from, to };
  });
  return { kind: "update", name: observed.name, node: observed.node, desired, observed, changes };
}
