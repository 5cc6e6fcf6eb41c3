/**
 * Is the answer what was asked for?
 *
 * Must never happen: an answer of another kind, name or version that counts as the object, or as its absence. A proxy, a cache or
 * a broken server answers 200 with anything.
 */
import { UnreachableError } from "../../model/errors.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { objectAt, stringAt } from "../../model/read-json.ts";
import { resourceOfKind } from "../../model/resource-of-kind.ts";
import type { ResourcePath } from "../../ports/kubernetes.ts";

/** The answer itself. @throws UnreachableError (layer `protocol`) that says what came instead. */
export function expectObject(raw: JsonObject, resource: ResourcePath, name: string): JsonObject {
  const kind = stringAt(raw, "kind") ?? "";
  const apiVersion = stringAt(raw, "apiVersion") ?? "";
  const metadata = objectAt(raw, "metadata");
  const served = stringAt(metadata, "name") ?? "";
  if (
    resourceOfKind(kind) === resource.resource &&
    apiVersion === resource.groupVersion &&
    served === name &&
    (resource.namespace === undefined || stringAt(metadata, "namespace") === resource.namespace)
  )
    return raw;
  throw other(resource, name, [kind, served, apiVersion]);
}

/** A deletion is answered with a `Status` of success, or with the object that finalizers keep. @throws UnreachableError */
export function expectDeletion(raw: JsonObject, resource: ResourcePath, name: string): void {
  if (raw["kind"] !== "Status") {
    expectObject(raw, resource, name);
    return;
  }
  const named = stringAt(objectAt(raw, "details"), "name") ?? name;
  if (raw["status"] !== "Success" || named !== name) throw other(resource, name, ["Status", named]);
}

function other(resource: ResourcePath, name: string, words: readonly string[]): UnreachableError {
  const said = words
    .filter((it) => it !== "")
    .map((it) => it.slice(0, 80).replace(/[^\x20-\x7e]/g, "?"))
    .join(" ");
  return new UnreachableError(
    `${resource.resource} "${name}": the API server answered with something else (${said === "" ? "an object without kind and name" : said})`,
    "protocol",
  );
}
