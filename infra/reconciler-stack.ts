import { CfnOutput, Duration, Stack, Tags } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { createHash } from "node:crypto";
import { installationName } from "../lib/names/names.ts";
import { Alarms } from "./constructs/alarms.ts";
import { ClusterRbac } from "./constructs/cluster-rbac.ts";
import { Dashboard } from "./constructs/dashboard.ts";
import { EventQueue } from "./constructs/event-queue.ts";
import { EventRouting } from "./constructs/event-routing.ts";
import { FleetAlarms } from "./constructs/fleet-alarms.ts";
import { LifecycleHooks } from "./constructs/lifecycle-hooks.ts";
import { RECONCILE_TIMEOUT, ReconcilerFunction } from "./constructs/reconciler-function.ts";
import { ReleaseFunction } from "./constructs/release-function.ts";
import { ResyncSchedule } from "./constructs/resync-schedule.ts";
import { intervalOf } from "./schedule.ts";
import type { ClusterSettings } from "./settings.ts";

export type ReconcilerStackProps = {
  readonly settings: ClusterSettings;
  /** The bundled functions, each with `settings.json` beside it. */
  readonly code: { readonly reconcile: Code; readonly release: Code };
};

/**
 * Everything in AWS that one cluster needs; nothing in the cluster. Several stacks, for other clusters or with other ids, live
 * in one account and region side by side: what has a name is named after id and cluster, and the rest CloudFormation names.
 *
 * No resource here talks to the cluster, so the stack can be destroyed when the cluster is gone; and none is a custom resource.
 * What becomes of the HostEndpoints (`onDestroy`) is the business of `npm run destroy` (infra/cdk.ts), before the stack goes.
 */
export class ReconcilerStack extends Stack {
  constructor(scope: Construct, { settings, code }: ReconcilerStackProps) {
    const { cluster, id } = settings;
    super(scope, stackName(settings), {
      env: { account: cluster.account, region: cluster.region },
      description: `Keeps a Calico HostEndpoint for every node of EKS cluster ${cluster.name}`,
    });
    Tags.of(this).add("hostendpoint-reconciler/cluster", cluster.name);
    Tags.of(this).add("hostendpoint-reconciler/id", id);
    const interval = longestInterval(settings);

    const alarms = new Alarms(this, "Alarms", settings);
    const events = new EventQueue(this, "Queue", { alarms, functionTimeout: RECONCILE_TIMEOUT });
    const reconciler = new ReconcilerFunction(this, "Reconciler", {
      settings,
      code: code.reconcile,
      alarms,
      events,
      interval,
      maxEventAge: Duration.seconds(Math.min(Math.max(interval.toSeconds(), 60), 6 * 3600)),
    });
    const routing = new EventRouting(this, "Routing", { settings, events, interval });
    new ResyncSchedule(this, "Resync", {
      settings,
      alarms,
      target: reconciler.function,
      undeliverable: events.undeliverable,
      interval,
    });
    const release = new ReleaseFunction(this, "Release", { settings, code: code.release, alarms });
    const hooks = new LifecycleHooks(this, "Hooks", {
      settings,
      role: reconciler.role,
      releaseRole: release.role,
    });
    // First somebody who answers, then what waits for an answer; and the other way round when the stack goes.
    hooks.node.addDependency(reconciler, routing);
    new FleetAlarms(this, "Fleet", { settings, alarms, interval });
    new Dashboard(this, "Dashboard", { settings, events, reconcile: reconciler.function });
    new ClusterRbac(this, "Rbac", settings);

    new CfnOutput(this, "DeadLetterQueue", {
      description: "Events that could not be processed",
      value: events.deadLetters.queueUrl,
    });
    new CfnOutput(this, "AlarmTopic", { description: "Where alarms go", value: alarms.topic.topicArn });
  }
}

/** A stack's name has no underscore and begins with a letter; a cluster's may. The digest keeps `a_b` and `a-b` apart. */
export function stackName({ cluster, id }: ClusterSettings): string {
  const name = installationName(cluster.name, id);
  const legal = name.replaceAll("_", "-").replace(/^(?=\d)/, "c");
  return legal === name ? name : `${legal}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;
}

function longestInterval({ schedule }: ClusterSettings): Duration {
  const interval = intervalOf(schedule);
  // `readClusterSettings` has refused such a schedule with a sentence.
  if (!interval.ok) throw new Error(`schedule: ${interval.problem}`);
  return Duration.seconds(interval.longestSeconds);
}
