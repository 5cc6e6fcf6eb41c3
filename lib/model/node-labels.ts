import type { StringMap } from "./kubernetes-object.ts";
import type { Node } from "./node.ts";
import { isJsonObject } from "./read-json.ts";

const CALICO_LABELS = "projectcalico.org/labels";

/**
 * The labels of a Node as Calico reads them: Calico keeps some of its own in an annotation; those of Kubernetes win
 * (docs/calico.md 16).
 */
export function labelsByCalico({ labels, annotations }: Pick<Node, "labels" | "annotations">): StringMap {
  const text = annotations[CALICO_LABELS];
  if (text === undefined) return labels;
  return { ...readMap(text), ...labels };
}

/** What is no text in it is left out; no JSON object is no label. */
function readMap(text: string): StringMap {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}
