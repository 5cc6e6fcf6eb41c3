import { ApiError, type AdminClient, type AnyObject } from "./admin-client.ts";
import { collectionPath, servedResources, type ServedResource } from "./resource-paths.ts";

/** Writes objects; answers them as the server stored them, in the order in which they were given. */
export type Apply = (objects: readonly AnyObject[]) => Promise<readonly AnyObject[]>;

/**
 * `kubectl create --save-or-replace`, for worlds: creates each object, replaces it when one of its name exists, and then
 * writes its status where the server keeps that apart. Kinds are looked up by discovery, so that any kind works that the
 * server serves now. Many are in flight at a time; objects that depend on each other (a Namespace and what is in it) belong
 * in two calls. Throws the first `ApiError`.
 */
export function applyWith(client: AdminClient): Apply {
  const discovered = new Map<string, readonly ServedResource[]>();

  const resourceOf = async (apiVersion: string, kind: string): Promise<ServedResource> => {
    const known = discovered.get(apiVersion)?.find((resource) => resource.kind === kind);
    if (known !== undefined) return known;
    const resources = await servedResources(client, apiVersion);
    discovered.set(apiVersion, resources);
    const found = resources.find((resource) => resource.kind === kind);
    if (found === undefined) throw new Error(`the control plane serves no ${kind} in ${apiVersion}`);
    return found;
  };

  const applyOne = async (object: AnyObject): Promise<AnyObject> => {
    const resource = await resourceOf(object.apiVersion, object.kind);
    const stored = await createOrReplace(
      client,
      collectionPath(object, resource),
      withoutServerFields(object),
    );
    // A Node keeps the status that it is created with (a kubelet registers that way); most other kinds drop it.
    if (!resource.hasStatus || object["status"] === undefined) return stored;
    if (holds(stored["status"], object["status"])) return stored;
    const path = `${collectionPath(object, resource)}/${object.metadata.name}`;
    return client.replaceStatus(path, { ...stored, status: object["status"] });
  };

  return async (objects) => {
    // One lookup per kind before the crowd starts, or each of the first 16 would ask.
    for (const { apiVersion, kind } of objects) await resourceOf(apiVersion, kind);
    return client.forEach(objects, applyOne);
  };
}

async function createOrReplace(
  client: AdminClient,
  collection: string,
  object: AnyObject,
): Promise<AnyObject> {
  try {
    return await client.create(collection, object);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
  }
  const path = `${collection}/${object.metadata.name}`;
  const { metadata } = await client.get(path);
  return client.replace(path, {
    ...object,
    metadata: { ...object.metadata, resourceVersion: metadata["resourceVersion"] },
  });
}

/** Objects copied from a server carry what only a server may set; a create with a resourceVersion is refused. */
function withoutServerFields(object: AnyObject): AnyObject {
  const { resourceVersion: _version, uid: _uid, managedFields: _fields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** True when `stored` has all that `wanted` says; servers add defaults of their own, but no elements to a list. */
function holds(stored: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return stored === wanted;
  if (typeof stored !== "object" || stored === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(stored) || stored.length !== wanted.length)) return false;
  const storedFields = new Map(Object.entries(stored));
  return Object.entries(wanted).every(([key, value]) => holds(storedFields.get(key), value));
}
