import { CfnOutput, Duration, Stack, Tags, Token } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { intervalOf } from "../schedule.ts";
import type { ClusterSettings } from "../settings.ts";
import { Alarms } from "./alarms.ts";
import { ClusterRbac } from "./cluster-rbac.ts";
import { Dashboard } from "./dashboard.ts";
import { EventQueue } from "./event-queue.ts";
import { EventRouting } from "./event-routing.ts";
import { FleetAlarms } from "./fleet-alarms.ts";
import { LifecycleHooks } from "./lifecycle-hooks.ts";
import { RECONCILE_TIMEOUT, ReconcilerFunction } from "./reconciler-function.ts";
import { ReleaseFunction } from "./release-function.ts";
import { ResyncSchedule } from "./resync-schedule.ts";

export type InstallationProps = {
  readonly settings: ClusterSettings;
  /** The bundled functions, each with `settings.json` beside it. */
  readonly code: { readonly reconcile: Code; readonly release: Code };
  /** Name of the file with the ClusterRoles, in the cloud assembly. */
  readonly rbacFile: string;
};

/**
 * Everything in AWS that one cluster needs; nothing in the cluster. Several, for other clusters or with other ids, live in one
 * account and region side by side: what has a name is named after id and cluster, and the rest CloudFormation names.
 *
 * No resource here talks to the cluster, so a stack of it can be destroyed when the cluster is gone; and none is a custom resource.
 */
export class Installation extends Construct {
  /** What a person runs once, what in need, and where to look. */
  readonly outputs: Readonly<Record<"nextStep" | "releaseCommand" | "dashboardName", CfnOutput>>;

  constructor(scope: Construct, name: string, { settings, code, rbacFile }: InstallationProps) {
    super(scope, name);
    const { cluster, id } = settings;
    refuseOtherPlace(Stack.of(this), settings);
    Tags.of(this).add("hostendpoint-reconciler/cluster", cluster.name);
    Tags.of(this).add("hostendpoint-reconciler/id", id);
    for (const [key, value] of Object.entries(settings.tags)) Tags.of(this).add(key, value);
    const { permissionsBoundary } = settings;
    if (permissionsBoundary !== undefined)
      PermissionsBoundary.of(this).apply(
        permissionsBoundary.startsWith("arn:")
          ? ManagedPolicy.fromManagedPolicyArn(this, "Boundary", permissionsBoundary)
          : ManagedPolicy.fromManagedPolicyName(this, "Boundary", permissionsBoundary),
      );
    if (settings.terminationProtection) Stack.of(this).terminationProtection = true;
    const interval = longestInterval(settings);

    const alarms = new Alarms(this, "Alarms", settings);
    const events = new EventQueue(this, "Queue", { settings, alarms, functionTimeout: RECONCILE_TIMEOUT });
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
    const dashboard = new Dashboard(this, "Dashboard", { settings, events, reconcile: reconciler.function });
    const rbac = new ClusterRbac(this, "Rbac", { settings, file: rbacFile });
    this.outputs = {
      nextStep: rbac.nextStep,
      releaseCommand: release.command,
      dashboardName: dashboard.name,
    };
    new CfnOutput(this, "DeadLetterQueue", {
      description: "Events that could not be processed",
      value: events.deadLetters.queueUrl,
    });
    new CfnOutput(this, "AlarmTopic", { description: "Where alarms go", value: alarms.topic.topicArn });
  }
}

/** A construct cannot choose its stack's account and region: hooks, rules and permissions would be those of another place. */
function refuseOtherPlace({ account, region }: Stack, { cluster }: ClusterSettings): void {
  const isOther = (here: string, wanted: string) => !Token.isUnresolved(here) && here !== wanted;
  if (isOther(account, cluster.account) || isOther(region, cluster.region))
    throw new Error(
      `cluster ${cluster.name} is in ${cluster.region} of account ${cluster.account}, but its stack is in ${region} of account ${account}: ` +
        "give the stack env: { account, region } of the cluster",
    );
}

function longestInterval({ schedule }: ClusterSettings): Duration {
  const interval = intervalOf(schedule);
  // `readClusterSettings` has refused such a schedule with a sentence.
  if (!interval.ok) throw new Error(`schedule: ${interval.problem}`);
  return Duration.seconds(interval.longestSeconds);
}
