import type { Settings } from "../../../lib/config/settings.ts";
import { connectCluster, type ConnectedCluster, type Whereabouts } from "../../shared/compose-cli.ts";
import type { CliContext, GlobalOptions, Invocation } from "../arguments/command.ts";
import type { Environment } from "../input/environment.ts";
import { listenForInterruption, type Interruption } from "../input/interruption.ts";
import { openLog, type Log } from "../output/log.ts";
import { loadSettings, type LoadedSettings } from "../settings/load-settings.ts";
import { refuseOtherCluster, type Use } from "./refuse-other-cluster.ts";

/** What a command that talks to the cluster works with. */
export type Session = LoadedSettings & {
  readonly settings: Settings;
  readonly connection: ConnectedCluster;
  readonly log: Log;
  readonly interruption: Interruption;
  /** How many requests the API server has had from us so far. */
  readonly requests: () => number;
  /** Ends at the time limit, counted from now, or when the person interrupts. */
  readonly deadline: () => AbortSignal;
};

/**
 * Loads the settings, connects, does the work, and closes everything whatever happens.
 * @param use whether the work may write: then it must be certain that settings of a cluster are for the one that is reached
 * @throws what `work` throws, and the error that stands behind an interruption.
 */
export async function withCluster<T>(
  invocation: Invocation,
  context: CliContext,
  work: (session: Session) => Promise<T>,
  use: Use = "reads",
): Promise<T> {
  const loaded = await loadSettings(invocation.global, context.environment);
  const log = openLog(context.terminal.err, loaded.logLevel);
  for (const note of loaded.notes) log.info(`note: ${note}`);
  const interruption = listenForInterruption();
  let requests = 0;
  const deadline = () =>
    AbortSignal.any([AbortSignal.timeout(invocation.global.timeoutMilliseconds), interruption.asked]);
  try {
    const connection = await connectCluster(
      {
        where: whereabouts(invocation.global, context.environment, loaded.settings),
        concurrency: loaded.settings.limits.concurrency,
        onRequest: ({ verb, resource, status, milliseconds }) => {
          requests++;
          log.debug("request", { verb, resource, status, milliseconds: Math.round(milliseconds) });
        },
      },
      deadline(),
    );
    for (const note of connection.way.notes) log.info(`note: ${note}`);
    try {
      if (invocation.global.force !== true)
        await refuseOtherCluster(
          { settings: loaded.settings, reached: connection.reached, use, profile: invocation.global.profile },
          (note) => log.info(`note: ${note}`),
          deadline(),
        );
      return await work({ ...loaded, connection, log, interruption, requests: () => requests, deadline });
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (interruption.asked.aborted) throw interruption.asked.reason;
    throw error;
  } finally {
    interruption.release();
  }
}

/** As kubectl finds the cluster, unless `--cluster` names one of EKS. */
export function whereabouts(
  global: GlobalOptions,
  environment: Environment,
  settings: Settings,
): Whereabouts {
  const { kubeconfig: file, context, cluster, profile, roleArn } = global;
  if (cluster === undefined)
    return {
      kind: "kubeconfig",
      ...(file === undefined ? {} : { file }),
      ...(context === undefined ? {} : { context }),
      ...(profile === undefined ? {} : { profile }),
    };
  const region = regionOf(global, environment, settings);
  return {
    kind: "eks",
    cluster,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(roleArn === undefined ? {} : { roleArn }),
  };
}

/** `--region`, else the settings' region when they are for this cluster, else the environment's. */
export function regionOf(
  global: GlobalOptions,
  environment: Environment,
  settings: Settings,
): string | undefined {
  const ofSettings =
    global.cluster === undefined || settings.cluster?.name === global.cluster
      ? settings.cluster?.region
      : undefined;
  return global.region ?? ofSettings ?? environment.awsRegion;
}
