import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { readCalicoMetadata } from "../../model/read-calico-metadata.ts";

/** Name and labels of an object as Calico reads them. */
export type ReadMetadata = {
  /** Name of the custom resource: what Felix sorts policies and tiers by (docs/calico.md 1.4). */
  readonly storedName: string;
  /** The name inside the metadata annotation when there is one: what Felix compares HostEndpoints by (0, item 10). */
  readonly calicoName: string;
  /** Worked out when somebody asks: whoever only checks an object does not. */
  readonly labels: ReadonlyMap<string, string>;
};

/** The same as `readCalicoMetadata`, for those who select by labels; `undefined`: Calico skips the whole object. */
export function readMetadata(object: KubernetesObject): ReadMetadata | undefined {
  const read = readCalicoMetadata(object);
  if (read.kind === "skipped") return undefined;
  let labels: ReadonlyMap<string, string> | undefined;
  return {
    storedName: object.metadata.name,
    calicoName: read.name,
    get labels() {
      return (labels ??= new Map(Object.entries(read.labels)));
    },
  };
}

/** What becomes of an object without readable metadata; the reason is told in a finding. */
export const SKIPPED = "Calico skips it: its metadata annotation cannot be read";

/** JSON text as a value; `undefined` when it is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
