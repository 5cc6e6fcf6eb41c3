/**
 * One recorded case of Calico's automatic host endpoints, gone through by us: its configuration is imported, its endpoints are
 * taken over, Calico is switched off, and then each step of the case is followed by a run of the sentence.
 */
import { parseDocument } from "yaml";
import { formatImported } from "../../../functions/cli/run/run-import.ts";
import { adopt } from "../../../lib/adopt/adopt.ts";
import { parseSettings, type Settings } from "../../../lib/config/settings.ts";
import { importSettings } from "../../../lib/import/import-settings.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { JsonObject, JsonValue, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { isJsonObject } from "../../../lib/model/read-json.ts";
import { CALICO_METADATA_ANNOTATION } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { systemClock } from "../../../lib/ports/clock.ts";
import { confirmDeletes } from "../../../lib/reconcile/confirm-deletes.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { createInMemoryCluster, type InMemoryCluster } from "../../fakes/in-memory-cluster.ts";

export type AutoHepCase = {
  readonly id: string;
  readonly theme: string;
  readonly configuration: JsonObject;
  readonly configurationBefore?: JsonObject;
  readonly environment?: JsonObject;
  readonly kccRunningConfigHostEndpoint?: JsonObject | null;
  readonly nodes: readonly KubernetesObject[];
  readonly before: readonly KubernetesObject[];
  readonly steps?: readonly Step[];
  readonly after: readonly RecordedEndpoint[];
  readonly nondeterministic?: string;
};
export type RecordedEndpoint = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: JsonObject;
};
type Step = {
  readonly op: string;
  readonly name?: string;
  readonly patch?: JsonObject;
  readonly merge?: JsonObject;
  readonly object?: KubernetesObject;
};

export type Replayed = {
  readonly endpoints: readonly HostEndpoint[];
  readonly settings: Settings;
  readonly problems: readonly string[];
  /** Why writes were held back in the last run. */
  readonly withheld: readonly string[];
  /** Nodes of which too little was known in the last run. */
  readonly waiting: ReadonlySet<string>;
};
type Rest = Pick<Replayed, "withheld" | "waiting">;

/** Somebody who is always there: a cluster that has lost every Node is another matter (scenario 9). */
const BYSTANDER = "zz-bystander";
const bystander: KubernetesObject = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: BYSTANDER, uid: BYSTANDER },
  status: { addresses: [{ type: "InternalIP", address: "198.51.100.254" }] },
};

const signal = AbortSignal.timeout(600_000);
/** Deletions have a budget for each run. */
const MOST_RUNS = 8;

export async function replay(recorded: AutoHepCase): Promise<Replayed> {
  const cluster = createInMemoryCluster({ objects: [...recorded.nodes, bystander, ...recorded.before] });
  const steps = recorded.steps ?? [];
  let { settings, problems } = importFrom(recorded.configurationBefore ?? recorded.configuration, {});
  let rest = await settle(cluster, settings);
  for (const step of steps) {
    if (step.op === "setConfiguration")
      ({ settings, problems } = importFrom(recorded.configuration, recorded));
    else await take(step, cluster);
    rest = await settle(cluster, settings);
  }
  const endpoints = await cluster.gateway.listHostEndpoints(CALICO_V1, signal);
  return {
    endpoints: endpoints.filter((it) => it.node !== BYSTANDER),
    settings,
    problems,
    ...rest,
  };
}

/** As `hepctl import` prints it, and `--config` reads it. */
function importFrom(
  hostEndpoint: JsonObject,
  recorded: Pick<AutoHepCase, "environment" | "kccRunningConfigHostEndpoint">,
): { settings: Settings; problems: readonly string[] } {
  const running = recorded.kccRunningConfigHostEndpoint;
  const imported = importSettings({
    apiVersion: CALICO_V1,
    kind: "KubeControllersConfiguration",
    metadata: { name: "default" },
    spec: { controllers: { node: { hostEndpoint } } },
    ...(running === undefined
      ? {}
      : {
          status: {
            runningConfig: { controllers: { node: running === null ? {} : { hostEndpoint: running } } },
          },
        }),
  });
  const parsed = parseSettings(parseDocument(formatImported(imported)).toJS(), checkSelector);
  if (!parsed.ok) throw new Error(`import prints what settings refuse: ${parsed.problems.join("; ")}`);
  return { settings: parsed.settings, problems: imported.problems };
}

/** Takes over what Calico made, deletes the rest of it as Calico does when it is switched off, and runs until nothing changes. */
async function settle(cluster: InMemoryCluster, settings: Settings): Promise<Rest> {
  const { gateway } = cluster;
  const adopted = await adopt(
    // Of one that has lost its profile, somebody has seen that it gets it back.
    { from: "auto", choice: { kind: "all" }, mode: "apply", acceptLoosening: true },
    { settings, cluster: gateway },
    signal,
  );
  for (const it of adopted.actions)
    if (it.reason === "not-wanted") cluster.remove(CALICO_V1, "hostendpoints", it.hostEndpoint);
  for (let run = 1; run <= MOST_RUNS; run++) {
    const { outcomes, report } = await reconcile(
      { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
      { settings, cluster: gateway, clock: systemClock },
      signal,
    );
    // An endpoint whose node lives goes with a person's word only; here somebody is there who gives it.
    const confirmed = await confirmDeletes(
      { until: { kind: "for", milliseconds: 3_600_000 }, nodes: [], mode: "apply" },
      { settings, cluster: gateway, clock: systemClock },
      signal,
    );
    if (outcomes.length === 0 && confirmed.actions.length === 0)
      return {
        withheld: report.actions.filter((it) => it.outcome === "withheld").map((it) => it.reason),
        waiting: new Set(report.nodes.filter((it) => it.status === "waiting").map((it) => it.node)),
      };
  }
  throw new Error("the runs never came to rest");
}

async function take(step: Step, cluster: InMemoryCluster): Promise<void> {
  const { gateway } = cluster;
  const stored = (groupVersion: string, resource: string) =>
    cluster.get(groupVersion, resource, step.name ?? "");
  const patch = (groupVersion: string, resource: string) => {
    const found = stored(groupVersion, resource);
    if (found !== undefined) cluster.put(merged(found, step.patch ?? {}) as KubernetesObject);
  };
  switch (step.op) {
    case "patchNode":
    case "patchNodeStatus":
      patch("v1", "nodes");
      return;
    case "deleteNode": {
      const found = stored("v1", "nodes");
      if ((found?.metadata.finalizers ?? []).length === 0) cluster.remove("v1", "nodes", step.name ?? "");
      else
        cluster.put(
          merged(found ?? {}, {
            metadata: { deletionTimestamp: "2026-11-22T01:00:00Z" },
          }) as KubernetesObject,
        );
      return;
    }
    case "createNode":
    case "createHostEndpoint":
      if (step.object !== undefined) cluster.put(step.object);
      return;
    case "deleteHostEndpoint":
      cluster.remove(CALICO_V1, "hostendpoints", step.name ?? "");
      return;
    case "patchHostEndpoint":
      patch(CALICO_V1, "hostendpoints");
      return;
    case "patchHostEndpointMetadataAnnotation": {
      const found = await gateway.getHostEndpoint(CALICO_V1, step.name ?? "", signal);
      if (found === undefined) return;
      const { annotations = {} } = found.raw.metadata;
      const inner = JSON.parse(annotations[CALICO_METADATA_ANNOTATION] ?? "{}") as JsonObject;
      const text = JSON.stringify(merged(inner, step.merge ?? {}));
      cluster.put(
        merged(found.raw, {
          metadata: { annotations: { [CALICO_METADATA_ANNOTATION]: text } },
        }) as KubernetesObject,
      );
      return;
    }
    case "restartController":
    case "wait":
      return;
    default:
      throw new Error(`a step that the replay does not know: ${step.op}`);
  }
}

/** RFC 7386. */
function merged(target: object, patch: JsonObject): JsonObject {
  const result: Record<string, JsonValue | undefined> = { ...(target as JsonObject) };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    if (value === null) delete result[key];
    else result[key] = isJsonObject(value) ? merged(isJsonObject(before) ? before : {}, value) : value;
  }
  return result;
}
