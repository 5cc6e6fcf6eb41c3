import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdminClient } from "./admin-client.ts";
import type { CustomResourceDefinition } from "./crds/custom-resource-definition.ts";
import { serveDefinitions } from "./crds/serve-definitions.ts";

const pollMilliseconds = 25;

/**
 * The PEM that kube-apiserver writes in its first moments: a certificate and who signed it. Throws when the signal aborts
 * first.
 */
export async function certificate(file: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.trimEnd().endsWith("-----END CERTIFICATE-----")) return text;
    await sleep(pollMilliseconds, undefined, { signal });
  }
}

/** Resolves when the server is ready and serves the definitions. Throws when the signal aborts first. */
export async function usable(
  client: AdminClient,
  definitions: readonly CustomResourceDefinition[],
  signal: AbortSignal,
): Promise<void> {
  await untilItSucceeds(() => client.request("GET", "/livez/ping"), signal);
  // The server takes definitions a second before its own roles are there: no need to wait for the one with the other.
  await Promise.all([
    serveDefinitions(client, definitions, signal),
    untilItSucceeds(async () => {
      await client.request("GET", "/readyz");
      await client.get("/api/v1/namespaces/default");
    }, signal),
  ]);
}

async function untilItSucceeds(attempt: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await attempt();
      return;
    } catch {
      await sleep(pollMilliseconds, undefined, { signal });
    }
  }
}
