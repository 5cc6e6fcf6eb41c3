import type { JsonValue, KubernetesObject, StringMap } from "./kubernetes-object.ts";

/** A HostEndpoint as Calico reads it: labels and annotations of both homes merged (docs/calico.md 1.2). */
export type HostEndpoint = {
  /** Name of the custom resource. */
  readonly name: string;
  /** Name that Felix compares by: the one inside the metadata annotation when there is one (docs/calico.md 0, item 10). */
  readonly calicoName: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly node: string;
  readonly interfaceName: string;
  readonly expectedIPs: readonly string[];
  readonly profiles: readonly string[];
  readonly ports: readonly JsonValue[];
  readonly deleting: boolean;
  /** Finalizers, which keep it in force while it is being deleted; who set them is known of a single read only. */
  readonly heldBy?: readonly Finalizer[];
  /** Calico cannot read its metadata annotation: for Felix it does not exist, while its name is taken all the same. */
  readonly skipped?: { readonly reason: string };
  /** The object as served, so that an update can leave alone what we do not own. */
  readonly raw: KubernetesObject;
};

export type Finalizer = { readonly name: string; readonly setBy?: string };

/** `example.com/hold (set by kubectl)`. */
export function describeFinalizers(endpoint: Pick<HostEndpoint, "heldBy">): string {
  return (endpoint.heldBy ?? [])
    .map(({ name, setBy }) => (setBy === undefined ? name : `${name} (set by ${setBy})`))
    .join(", ");
}

/** What a HostEndpoint of ours should be. Everything in here is ours to repair; anything else on the object is not. */
export type DesiredHostEndpoint = {
  readonly name: string;
  readonly node: string;
  readonly interfaceName: string;
  /** Sorted, canonical, without duplicates. */
  readonly expectedIPs: readonly string[];
  readonly profiles: readonly string[];
  /** The whole label map, owner label included. */
  readonly labels: StringMap;
  /** Only the annotations that we own. */
  readonly annotations: StringMap;
};
