import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type AdminClient } from "../admin-client.ts";
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";

const collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const pollMilliseconds = 20;

/**
 * Installs the definitions and resolves when every one of them answers requests and is found by discovery. Throws when the
 * signal aborts first.
 */
export async function serveDefinitions(
  client: AdminClient,
  definitions: readonly CustomResourceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  await client.forEach(definitions, (definition) => client.create(collection, definition));
  await Promise.all(
    definitions.flatMap((definition) =>
      definition.spec.versions
        .filter(({ served }) => served)
        .map(({ name }) => served(client, definition, name, signal)),
    ),
  );
}

async function served(
  client: AdminClient,
  { spec }: CustomResourceDefinition,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const groupVersion = `/apis/${spec.group}/${version}`;
  for (;;) {
    try {
      await client.list(`${groupVersion}/${spec.names.plural}?limit=1`);
      const { resources } = (await client.request("GET", groupVersion)) as ResourceList;
      const { groups } = (await client.request("GET", "/apis")) as GroupList;
      if (
        resources.some(({ name }) => name === spec.names.plural) &&
        groups.some(({ name }) => name === spec.group)
      ) {
        return;
      }
    } catch (error) {
      // Not yet: 404 before the path exists, 503 while the storage behind it comes up.
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 503)) throw error;
    }
    await sleep(pollMilliseconds, undefined, { signal });
  }
}

type ResourceList = { readonly resources: readonly { readonly name: string }[] };
type GroupList = { readonly groups: readonly { readonly name: string }[] };
