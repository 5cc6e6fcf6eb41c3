import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import type { CompileOptions } from "../../lib/policy/world/compile-policies.ts";
import type { World } from "../../lib/policy/world/world.ts";
import { settleFiles } from "../../lib/world/settle-files.ts";
import { worldOfFiles } from "../../lib/world/world-of.ts";

/** The world of some objects, made as `simulate`, `explain` and `doctor` make it of files. */
export function aWorld(objects: readonly KubernetesObject[], options: CompileOptions = {}): World {
  return worldOfFiles(settleFiles([objects]), options);
}
