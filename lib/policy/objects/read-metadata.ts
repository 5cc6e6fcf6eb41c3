import { CALICO_V1 } from "../../model/calico-group.ts";
import type { JsonValue, KubernetesObject, StringMap } from "../../model/kubernetes-object.ts";
import { CALICO_METADATA_ANNOTATION } from "../../names/names.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** Name and labels of an object as Calico reads them. */
export type ReadMetadata = {
  /** Name of the custom resource: what Felix sorts policies and tiers by (docs/calico.md 1.4). */
  readonly storedName: string;
  /** The name inside the metadata annotation when there is one: what Felix compares HostEndpoints by (0, item 10). */
  readonly calicoName: string;
  /** Worked out when somebody asks: whoever only checks an object does not. */
  readonly labels: ReadonlyMap<string, string>;
};

/**
 * Reads both homes of an object's metadata: a `crd.projectcalico.org/v1` object may carry an annotation that holds
 * the v3 metadata, and its labels win key by key. `undefined` when that annotation is no JSON object of the right shape:
 * Calico then skips the whole object.
 * Source: docs/calico.md 1.2; in `projectcalico.org/v3` the annotation means nothing (1.3).
 */
export function readMetadata(object: KubernetesObject): ReadMetadata | undefined {
  const storedName = object.metadata.name;
  const native = object.metadata.labels ?? {};
  const annotation = object.metadata.annotations?.[CALICO_METADATA_ANNOTATION];
  if (annotation === undefined || object.apiVersion !== CALICO_V1) {
    return withLabels(storedName, storedName, [native]);
  }
  const parsed = parseJson(annotation);
  if (!isJsonObject(parsed)) return undefined;
  const { labels: overlay, name } = parsed;
  if (overlay !== undefined && overlay !== null && !isStringMap(overlay)) return undefined;
  if (name !== undefined && name !== null && typeof name !== "string") return undefined;
  const calicoName = name === undefined || name === null || name === "" ? storedName : name;
  return withLabels(storedName, calicoName, [native, overlay ?? {}]);
}

/** @param homes of labels, the strongest last */
function withLabels(storedName: string, calicoName: string, homes: readonly StringMap[]): ReadMetadata {
  let labels: ReadonlyMap<string, string> | undefined;
  return {
    storedName,
    calicoName,
    get labels() {
      return (labels ??= new Map(homes.flatMap((it) => Object.entries(it)).map(asLabel)));
    },
  };
}

/** JSON text as a value; `undefined` when it is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** True for a map of strings; Go reads a null member as an empty string. */
function isStringMap(value: unknown): value is StringMap {
  return (
    isJsonObject(value) &&
    Object.values(value).every((member) => typeof member === "string" || member === null)
  );
}

function asLabel([key, value]: readonly [string, string | null]): [string, string] {
  return [key, value ?? ""];
}
