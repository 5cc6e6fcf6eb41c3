import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { MASTER, type CalicoVersion } from "../version/calico-version.ts";
import { decodeGo } from "./decode-go.ts";
import { hasGoKind } from "./schemas/go-types.ts";
import { schemaStateOf } from "./schemas/schema-state.ts";

/**
 * Why no Calico component can decode the object: a value of the wrong JSON type, or a port, protocol or number that its
 * Go type cannot hold. One such object makes reading the whole kind fail.
 * Source: docs/calico.md 17.2, 0 item 11.
 */
export function decodeProblems(object: KubernetesObject, version: CalicoVersion = MASTER): string[] {
  const state = schemaStateOf(version);
  if (!hasGoKind(state, object.kind)) return [];
  const decoded = decodeGo(state, object.kind, object);
  return decoded.kind === "undecodable" ? [...new Set(decoded.problems)] : [];
}
