import type { Finalizer } from "../../model/host-endpoint.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringsAt } from "../../model/read-json.ts";

/** Finalizers of one object as served whole, each with the field manager that set it (`metadata.managedFields`). */
export function readFinalizers(raw: JsonObject): readonly Finalizer[] {
  const metadata = objectAt(raw, "metadata");
  const managers = arrayAt(metadata, "managedFields").filter(isJsonObject);
  return stringsAt(metadata, "finalizers").map((name) => {
    const setBy = managers.find((it) => {
      const fields = objectAt(objectAt(objectAt(it, "fieldsV1"), "f:metadata"), "f:finalizers");
      return fields[`v:${JSON.stringify(name)}`] !== undefined;
    });
    const manager = setBy === undefined ? undefined : stringAt(setBy, "manager");
    return manager === undefined ? { name } : { name, setBy: manager };
  });
}
