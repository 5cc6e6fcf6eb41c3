import { NotFoundError, UnreachableError } from "../../model/errors.ts";
import { arrayAt, isJsonObject } from "../../model/read-json.ts";
import type { ResourcePath } from "../../ports/kubernetes.ts";
import type { Transport } from "../connection/transport.ts";
import { pathRequest } from "./api-request.ts";

/** What the server's own list of resources says; asked only when a read was answered as if there were no such resource. */
export async function isServed(
  transport: Transport,
  { groupVersion, resource }: ResourcePath,
  signal: AbortSignal,
): Promise<boolean> {
  const path = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  try {
    const answer = await transport.send(pathRequest(path), signal);
    if (answer["kind"] !== "APIResourceList" || answer["groupVersion"] !== groupVersion)
      throw new UnreachableError(`get ${path}: the answer is no list of resources`, "protocol");
    return arrayAt(answer, "resources").some((it) => isJsonObject(it) && it["name"] === resource);
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
