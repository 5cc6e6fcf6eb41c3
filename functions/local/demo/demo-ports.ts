/** The handler's ports in the demo: the cluster is real; EC2 and Auto Scaling are values in memory, and say what they were told. */
import { parseSettings } from "../../../lib/config/settings.ts";
import { connectWithToken } from "../../../lib/kubernetes/connection/connect-with-token.ts";
import type { Instance } from "../../../lib/model/instance.ts";
import { KUBERNETES_USER } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { systemClock } from "../../../lib/ports/clock.ts";
import type { ControlPlane } from "../../../test/control-plane/control-plane.ts";
import type { FunctionPorts } from "../../shared/compose.ts";
import { CLUSTER } from "./fleet.ts";

export type DemoPorts = FunctionPorts & {
  /** EC2's view, by instance id. */
  readonly ec2: Map<string, Instance>;
  /** What was answered to lifecycle hooks, in order. */
  readonly hookAnswers: string[];
};

export function demoPorts(controlPlane: ControlPlane): DemoPorts {
  const parsed = parseSettings(
    { cluster: { name: CLUSTER, region: "eu-west-1", account: "111122223333" }, logLevel: "warn" },
    checkSelector,
  );
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const { settings } = parsed;
  let requests = 0;
  const connection = connectWithToken({
    endpoint: controlPlane.url,
    caPem: Buffer.from(controlPlane.caData, "base64").toString("utf8"),
    token: () => Promise.resolve(controlPlane.tokenOf(KUBERNETES_USER)),
    onRequest: () => {
      requests += 1;
    },
  });
  const ec2 = new Map<string, Instance>();
  const hookAnswers: string[] = [];
  return {
    ec2,
    hookAnswers,
    settings: {
      ...settings,
      cluster: settings.cluster ?? { name: CLUSTER, region: "eu-west-1", account: "111122223333" },
    },
    origin: { version: "demo", file: "" },
    clock: systemClock,
    cluster: { use: (work) => work(connection), requests: () => requests },
    instances: {
      describeInstances: (ids) => Promise.resolve(ids.flatMap((id) => ec2.get(id) ?? [])),
    },
    lifecycle: {
      complete: (hook, result) => {
        hookAnswers.push(`${hook.hook} of ${hook.instanceId}: ${result}`);
        return Promise.resolve("completed");
      },
      heartbeat: (hook) => {
        hookAnswers.push(`${hook.hook} of ${hook.instanceId}: held`);
        return Promise.resolve("extended");
      },
      waiting: () => Promise.resolve([]),
    },
    hooks: {
      keep: () => Promise.resolve({ put: [], removed: [], failures: [] }),
      letGo: () => Promise.resolve({ put: [], removed: [], failures: [] }),
    },
    hooksPause: { until: () => Promise.resolve(0), pause: () => Promise.resolve() },
    mark: { read: () => Promise.resolve("armed"), write: () => Promise.resolve() },
    queue: { postpone: () => Promise.resolve([]) },
    measure: () => undefined,
  };
}
