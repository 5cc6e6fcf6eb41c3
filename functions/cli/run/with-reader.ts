import type { Settings } from "../../../lib/config/settings.ts";
import type { Finding } from "../../../lib/model/finding.ts";
import type { InstanceReader } from "../../../lib/ports/aws.ts";
import type { ClusterGateway } from "../../../lib/ports/kubernetes.ts";
import type { NetworkReader } from "../../../lib/ports/network.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { worldGateway } from "../../shared/compose-world.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { readWorldFiles } from "../input/read-world.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { withCluster } from "./with-cluster.ts";

export type ReaderSession = {
  readonly settings: Settings;
  readonly cluster: ClusterGateway;
  readonly network?: NetworkReader;
  readonly instances?: InstanceReader;
  /** What became of objects in files; absent: there are no files. */
  readonly fileFindings?: readonly Finding[];
  readonly deadline: () => AbortSignal;
};

/**
 * The cluster of `--world` files, read like a live one and without touching any; else the live one.
 * @param told what became of objects in the files is told here as notes, or by the caller as findings
 */
export async function withReader<T>(
  invocation: Invocation,
  context: CliContext,
  work: (session: ReaderSession) => Promise<T>,
  told: "notes" | "findings" = "notes",
): Promise<T> {
  const files = invocation.list("world");
  if (files.length === 0)
    return withCluster(invocation, context, ({ settings, connection, deadline }) =>
      work({ settings, ...clusterPorts(connection), deadline }),
    );
  const { settings } = await loadSettings(invocation.global, context.environment);
  const objects = await readWorldFiles(files, invocation.flag("lenient"));
  if (told === "notes")
    for (const { object, message, fix } of objects.findings)
      context.terminal.err.write(`note: ${object}: ${message}${fix === "" ? "" : `; ${fix}`}\n`);
  return work({
    settings,
    cluster: worldGateway(objects),
    fileFindings: objects.findings,
    deadline: () => AbortSignal.timeout(invocation.global.timeoutMilliseconds),
  });
}
