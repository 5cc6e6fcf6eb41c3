/**
 * Settings -> ports: the only place where a function's gateways are built, once for each cold start.
 * Every AWS client behind them is made when it is first used.
 */
import packageJson from "../../package.json" with { type: "json" };
import type { SettingsOrigin } from "../../lib/config/fingerprint.ts";
import { armedMark, type ArmedMark } from "../../lib/aws/armed-mark.ts";
import { once } from "../../lib/aws/client-options.ts";
import { clusterFactsReader } from "../../lib/aws/cluster-facts.ts";
import { eksTokenSource } from "../../lib/aws/eks-token-source.ts";
import { instanceReader } from "../../lib/aws/instance-reader.ts";
import { rememberInstances } from "../../lib/aws/remember-instances.ts";
import { lifecycleGateway } from "../../lib/aws/lifecycle-gateway.ts";
import { hookKeeper } from "../../lib/aws/hook-keeper.ts";
import { hooksPause } from "../../lib/aws/hooks-pause.ts";
import { vpcReader } from "../../lib/aws/vpc-reader.ts";
import { queueVisibility, type QueueVisibility } from "../../lib/aws/queue-visibility.ts";
import { armedParameterName, hooksParameterName } from "../../lib/names/names.ts";
import { metricsLines, type MetricValues } from "../../lib/observability/metrics-line.ts";
import { writeLine } from "../../lib/observability/create-logger.ts";
import type { HookKeeper, HooksPause, InstanceReader, LifecycleGateway } from "../../lib/ports/aws.ts";
import { systemClock, type Clock } from "../../lib/ports/clock.ts";
import { clusterSession, type ClusterSession } from "./compose-cluster.ts";
import { autoScalingCalls } from "../../lib/aws/clients/auto-scaling.ts";
import { eksCalls } from "../../lib/aws/clients/eks.ts";
import { readSettings, type FunctionSettings } from "./read-settings.ts";

/** All that a function reaches. Tests hand in others. */
export type FunctionPorts = {
  readonly settings: FunctionSettings;
  /** What endpoints that the function writes are signed with. */
  readonly origin: SettingsOrigin;
  readonly clock: Clock;
  readonly cluster: ClusterSession;
  readonly instances: InstanceReader;
  readonly lifecycle: LifecycleGateway;
  readonly hooks: HookKeeper;
  readonly hooksPause: HooksPause;
  readonly mark: ArmedMark;
  readonly queue: QueueVisibility;
  readonly measure: (values: MetricValues) => void;
};

/** @throws UsageError when the settings are missing or wrong. Connects nothing. */
export function compose(): FunctionPorts {
  const { SETTINGS: text, SETTINGS_FILE: file } = process.env;
  const settings = readSettings(
    text === undefined ? { file: file ?? new URL("./settings.json", import.meta.url) } : { text },
  );
  const { name, region } = settings.cluster;
  const clock = systemClock;
  const aws = { region };
  const eks = once(async () => eksCalls(aws));
  const autoScaling = once(async () => autoScalingCalls(aws));
  return {
    settings,
    origin: { version: packageJson.version, file: `infra/clusters/${name}.yaml` },
    clock,
    cluster: clusterSession({
      facts: clusterFactsReader(name, eks, clock),
      tokens: eksTokenSource({
        region,
        cluster: name,
        clock,
        credentials: async () => (await eks()).credentials(),
      }),
      vpcs: vpcReader(aws, clock),
      clock,
      connections: settings.limits.concurrency,
    }),
    instances: rememberInstances(instanceReader(aws), clock),
    lifecycle: lifecycleGateway(autoScaling),
    hooks: hookKeeper({ cluster: name, id: settings.id }, autoScaling, clock),
    hooksPause: hooksPause(hooksParameterName(name, settings.id), aws),
    mark: armedMark(armedParameterName(name, settings.id), aws),
    queue: queueVisibility(aws),
    measure: (values) => {
      for (const line of metricsLines({ cluster: name, id: settings.id }, values, clock.now()))
        writeLine(line);
    },
  };
}
