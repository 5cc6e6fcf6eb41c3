import type { JsonObject } from "./kubernetes-object.ts";
import type { NodeTaint } from "./node.ts";
import { arrayAt, isJsonObject, stringAt } from "./read-json.ts";

/** The taints in a Node's `spec`; what has no key is left out. */
export function readTaints(spec: JsonObject | undefined): readonly NodeTaint[] {
  return arrayAt(spec, "taints").flatMap((it) => {
    const key = isJsonObject(it) ? stringAt(it, "key") : undefined;
    if (!isJsonObject(it) || key === undefined) return [];
    return [{ key, value: stringAt(it, "value") ?? "", effect: stringAt(it, "effect") ?? "" }];
  });
}
