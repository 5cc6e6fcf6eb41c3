import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { AnyObject } from "./admin-client.ts";
import type { ControlPlane } from "./control-plane.ts";

/** One change of an object of a resource, as a watch tells it. */
export type Change = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: AnyObject };

/** Every change of a resource since a resourceVersion, in order: each state in which the objects ever were. */
export async function changesSince(
  controlPlane: ControlPlane,
  path: string,
  resourceVersion: string,
): Promise<readonly Change[]> {
  const agent = new Agent({ connect: { ca: await readFile(controlPlane.caFile, "utf8") } });
  try {
    // The server ends the watch itself: by then it has told all that there was.
    const { body } = await request(
      `${controlPlane.url}${path}?watch=1&timeoutSeconds=2&resourceVersion=${resourceVersion}`,
      { dispatcher: agent, headers: { authorization: `Bearer ${controlPlane.adminToken}` } },
    );
    const text = await body.text();
    return text
      .split("\n")
      .filter((it) => it !== "")
      .map((it) => JSON.parse(it) as Change);
  } finally {
    await agent.close();
  }
}
