import packageJson from "../../../package.json" with { type: "json" };
import { readClusterState } from "../../../lib/snapshot/read-cluster-state.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { printResult } from "../output/print-result.ts";
import { withCluster } from "./with-cluster.ts";

/** What esbuild puts in: the commit that was bundled, "unknown" where there is no git; with "-dirty" when it was changed. */
declare const BUNDLED_COMMIT: string;

export type Versions = {
  readonly client: { readonly version: string; readonly commit: string; readonly node: string };
  readonly server?: { readonly url: string; readonly version: string };
  readonly calico?: { readonly version: string; readonly group: string };
};

export async function runVersion(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const client = { version: packageJson.version, commit: BUNDLED_COMMIT, node: process.version };
  const print = (versions: Versions) =>
    printResult(versions, invocation.global.output, context.terminal.out, formatVersions);
  if (invocation.flag("client")) {
    await print({ client });
    return EXIT.ok;
  }
  let told = false;
  try {
    await withCluster(invocation, context, async ({ connection, deadline }) => {
      const server = {
        url: connection.endpoint,
        version: (await connection.access.version(deadline())).gitVersion,
      };
      const calico = await readClusterState(connection.gateway, deadline()).then(
        ({ calicoVersion: version, group }) => ({ version, group }),
        () => undefined,
      );
      told = true;
      await print({ client, server, ...(calico === undefined ? {} : { calico }) });
    });
    return EXIT.ok;
  } catch (error) {
    if (!told) await print({ client });
    throw error;
  }
}

function formatVersions({ client, server, calico }: Versions): string {
  return [
    `hepctl      ${client.version}, commit ${client.commit}, Node ${client.node}`,
    ...(server === undefined ? [] : [`Kubernetes  ${server.version}, ${server.url}`]),
    ...(calico === undefined ? [] : [`Calico      ${calico.version || "unknown version"}, ${calico.group}`]),
  ].join("\n");
}
