import { describe, expect, test } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";
import { parseAllDocuments } from "yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  rbacObjects,
  RELEASE_KUBERNETES_GROUP,
  RELEASE_KUBERNETES_USER,
} from "../../lib/names/cluster-role.ts";
import { parseRequest } from "../../lib/trigger/parse-request.ts";
import { WAITING_DELIVERIES } from "../../lib/lifecycle/decide-disposition.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../lib/names/names.ts";
import { recordedEvent } from "../events/events.ts";
import { aStack, anApp, aTemplate, EVERYTHING, resourcesOf } from "./a-stack.ts";
import type { Resource } from "./a-stack.ts";

const template = aTemplate();
const everything = aTemplate(EVERYTHING);

function only(found: Readonly<Record<string, Resource>>): Readonly<Record<string, unknown>> {
  expect(Object.keys(found)).toHaveLength(1);
  return Object.values(found)[0]?.Properties ?? {};
}

/** The queue that has a redrive policy; the two others are where its evidence ends. */
function eventQueue(): Readonly<Record<string, unknown>> {
  const queues = Object.values(resourcesOf(template, "AWS::SQS::Queue"));
  expect(queues).toHaveLength(3);
  return queues.find(({ Properties }) => Properties?.["RedrivePolicy"] !== undefined)?.Properties ?? {};
}

describe("the functions", () => {
  test("run on Node 24 and arm64, log JSON to a group with an end, and know where their settings are", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "TRACE", SystemLogLevel: "WARN" },
      Environment: { Variables: Match.objectLike({ SETTINGS_FILE: "/var/task/settings.json" }) },
    });
    template.resourceCountIs("AWS::Lambda::Function", 2);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
    // Who released what is asked after the stack is gone; under CloudFormation's name, so that another can be made.
    const groups = Object.values(resourcesOf(template, "AWS::Logs::LogGroup"));
    expect(groups.map((it) => [it.DeletionPolicy, it.Properties?.["LogGroupName"]]).sort()).toEqual([
      ["Delete", "/aws/lambda/hostendpoint-reconciler-prod-reconcile"],
      ["Retain", undefined],
    ]);
  });

  test("hold nothing of the cluster's certificate authority or endpoint: these change, and are read at run time", () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(
      /certificate-?authority|CERTIFICATE|eks\.amazonaws\.com/i,
    );
  });

  test("are in the VPC that the settings name, and in none otherwise", () => {
    everything.allResourcesProperties("AWS::Lambda::Function", {
      VpcConfig: {
        SubnetIds: ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"],
        SecurityGroupIds: ["sg-0123456789abcdef0"],
      },
    });
    template.allResourcesProperties("AWS::Lambda::Function", { VpcConfig: Match.absent() });
  });
});

describe("the queue", () => {
  const mapping = only(resourcesOf(template, "AWS::Lambda::EventSourceMapping"));
  const queue = eventQueue();
  const redrive = queue["RedrivePolicy"] as { readonly maxReceiveCount: number };
  const timeout = 120;

  test("gathers records for a few seconds, and hands back only those that failed", () => {
    expect(mapping).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  test("hides a record for six time limits of the function and the window", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "hostendpoint-reconciler-prod-reconcile",
      Timeout: timeout,
    });
    expect(queue["VisibilityTimeout"]).toBeGreaterThanOrEqual(
      6 * timeout + Number(mapping["MaximumBatchingWindowInSeconds"]),
    );
  });

  test("gives a waiting launch all the deliveries that the lifecycle room counts on", () => {
    expect(redrive.maxReceiveCount).toBeGreaterThan(WAITING_DELIVERIES);
  });

  test("keeps a poison record until it has reached the dead letters, and these for two weeks", () => {
    expect(queue["MessageRetentionPeriod"]).toBeGreaterThan(
      redrive.maxReceiveCount * Number(queue["VisibilityTimeout"]),
    );
    template.resourcePropertiesCountIs("AWS::SQS::Queue", { MessageRetentionPeriod: 14 * 86_400 }, 2);
  });

  test("is encrypted, and so are the dead letters", () => {
    template.allResourcesProperties("AWS::SQS::Queue", { SqsManagedSseEnabled: true });
  });

  test("no function has reserved concurrency: a mapping does not count it", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      ReservedConcurrentExecutions: Match.absent(),
    });
  });
});

describe("the schedule", () => {
  test("says what the recorded scheduler event says, straight to the function", () => {
    const target = only(resourcesOf(template, "AWS::Scheduler::Schedule"))["Target"] as {
      readonly Input: string;
      readonly RetryPolicy: unknown;
    };
    const delivered = target.Input.replace("<aws.scheduler.scheduled-time>", "2026-11-22T09:30:00Z").replace(
      "<aws.scheduler.attempt-number>",
      "1",
    );
    expect(JSON.parse(delivered)).toEqual(recordedEvent("scheduler-resync"));
    expect(parseRequest(JSON.parse(delivered))).toMatchObject({ ok: true, request: { source: "schedule" } });
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 });
  });

  test.each([
    ["rate(5 minutes)", 300, 2],
    ["rate(1 minute)", 180, 2],
    ["rate(2 hours)", 7200, 2],
    ["rate(3 days)", 86_400, 6],
    ["cron(0/10 * * * ? *)", 600, 2],
    ["cron(0 6 ? * MON-FRI *)", 86_400, 6],
  ])("%s: missing runs are noticed after two intervals (%i s, %i periods)", (schedule, period, periods) => {
    aTemplate({ schedule }).hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: "hostendpoint-reconciler-prod-runs-missing",
      EvaluationPeriods: periods,
      DatapointsToAlarm: periods,
      ComparisonOperator: "LessThanThreshold",
      Threshold: 1,
      TreatMissingData: "breaching",
      Metrics: Match.arrayWith([
        Match.objectLike({ Expression: "FILL(succeeded, 0)" }),
        Match.objectLike({
          MetricStat: {
            Metric: {
              Namespace: "HostEndpointReconciler",
              MetricName: "Succeeded",
              Dimensions: [
                { Name: "Cluster", Value: "prod" },
                { Name: "Id", Value: "hostendpoint-reconciler" },
              ],
            },
            Period: period,
            Stat: "Sum",
          },
        }),
      ]),
    });
  });
});

describe("the alarms about the fleet", () => {
  test.each([
    ["observe", ["deletes-waiting", "endpoints-stale", "endpoints-withheld", "nodes-unprotected"]],
    ["canary", ["nodes-unprotected"]],
    ["enforce", []],
  ])("in stage %s these wake nobody: %j", (stage, silent) => {
    const alarms = Object.values(resourcesOf(aTemplate({ stage }), "AWS::CloudWatch::Alarm"));
    const names = alarms
      .filter(({ Properties }) => Properties?.["ActionsEnabled"] === false)
      .map(({ Properties }) =>
        String(Properties?.["AlarmName"]).replace("hostendpoint-reconciler-prod-", ""),
      );
    expect(names.sort()).toEqual(silent);
  });

  test("look at whole intervals of the schedule, so that every period holds a run", () => {
    const template = aTemplate({ schedule: "rate(1 hour)" });
    for (const name of ["endpoints-failed", "endpoints-stale", "endpoints-withheld", "nodes-unprotected"])
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        AlarmName: `hostendpoint-reconciler-prod-${name}`,
        Period: 3600,
        TreatMissingData: "ignore",
      });
  });
});

describe("access to the cluster", () => {
  test("is one group and one fixed user for each function, and no access policy", () => {
    const entries = Object.values(resourcesOf(template, "AWS::EKS::AccessEntry")).map(
      ({ Properties }) => Properties,
    );
    expect(entries).toEqual([
      expect.objectContaining({
        KubernetesGroups: [KUBERNETES_GROUP],
        Username: KUBERNETES_USER,
        Type: "STANDARD",
      }),
      expect.objectContaining({
        KubernetesGroups: [RELEASE_KUBERNETES_GROUP],
        Username: RELEASE_KUBERNETES_USER,
        Type: "STANDARD",
      }),
    ]);
    for (const entry of entries) {
      expect(entry).not.toHaveProperty("AccessPolicies");
      // The ARN is the role's attribute: replacing the role changes it, and so replaces the entry.
      expect(entry?.["PrincipalArn"]).toEqual({ "Fn::GetAtt": [expect.stringMatching(/Role/), "Arn"] });
    }
  });

  test("the RBAC is a file beside the template, the same that hepctl prints", () => {
    const app = anApp();
    aStack(app, { canary: { probe: true } });
    const file = readFileSync(join(app.outdir, "rbac.yaml"), "utf8");
    expect(parseAllDocuments(file).map((document) => document.toJS() as unknown)).toEqual(
      rbacObjects({ probe: true }),
    );
  });
});

describe("lifecycle hooks", () => {
  test("none without named groups", () => {
    template.resourceCountIs("AWS::AutoScaling::LifecycleHook", 0);
  });

  test("a launch hook by the settings, a terminate hook that always continues, for each group", () => {
    const hooks = Object.values(resourcesOf(everything, "AWS::AutoScaling::LifecycleHook"));
    expect(
      hooks.map(({ Properties }) => [
        Properties?.["AutoScalingGroupName"],
        Properties?.["LifecycleHookName"],
        Properties?.["DefaultResult"],
        Properties?.["HeartbeatTimeout"],
      ]),
    ).toEqual([
      ["prod-workers", "hostendpoint-reconciler-launch", "ABANDON", 600],
      ["prod-workers", "hostendpoint-reconciler-terminate", "CONTINUE", 600],
      ["prod-gpu", "hostendpoint-reconciler-launch", "ABANDON", 600],
      ["prod-gpu", "hostendpoint-reconciler-terminate", "CONTINUE", 600],
    ]);
  });

  test("come last, when somebody is there to answer, and go first", () => {
    const needed = [
      ...Object.keys(resourcesOf(everything, "AWS::Events::Rule")),
      ...Object.keys(resourcesOf(everything, "AWS::Lambda::EventSourceMapping")),
    ];
    for (const { DependsOn } of Object.values(resourcesOf(everything, "AWS::AutoScaling::LifecycleHook")))
      expect(DependsOn).toEqual(expect.arrayContaining(needed));
  });
});

describe("two installations in one account", () => {
  /** Everything that has a name of its own, as `TYPE NAME`. */
  function namesIn(changes: Readonly<Record<string, unknown>>): readonly string[] {
    const { Resources } = aTemplate(changes).toJSON() as { Resources: Record<string, Resource> };
    const naming = /^(.*Name|Name)$/;
    const notNames = ["AutoScalingGroupName", "ClusterName", "MetricName"];
    return Object.values(Resources).flatMap(({ Type, Properties }) =>
      Object.entries(Properties ?? {})
        .filter(([key, value]) => naming.test(key) && !notNames.includes(key) && typeof value === "string")
        .map(([key, value]) => `${Type}.${key} ${String(value)}`),
    );
  }

  test.each([
    ["other clusters", { cluster: { name: "staging", region: "eu-west-1", account: "111122223333" } }],
    ["other ids in one cluster", { id: "second" }],
  ])("do not collide: %s", (_name, changes) => {
    const first = namesIn(EVERYTHING);
    const second = namesIn({ ...EVERYTHING, ...changes, autoScalingGroups: ["another"] });
    expect(first.length).toBeGreaterThan(15);
    // A hook's name is unique in its group, an inline policy's in its role.
    const shared = first.filter((it) => second.includes(it) && !/^AWS::(AutoScaling|IAM::Policy)/.test(it));
    expect(shared).toEqual([]);
  });

  test.each([
    ["prod", "hostendpoint-reconciler-prod"],
    ["my_cluster", "hostendpoint-reconciler-my-cluster-0b0de0"],
  ])("the stack of %s is called %s", (name, stackName) => {
    const stack = aStack(anApp(), { cluster: { name, region: "eu-west-1", account: "111122223333" } });
    expect(stack.stackName).toBe(stackName);
  });
});

describe("destroying", () => {
  test("depends on nothing in the cluster: there is no custom resource", () => {
    const { Resources } = everything.toJSON() as {
      Resources: Record<string, Resource>;
    };
    const types = new Set(Object.values(Resources).map(({ Type }) => Type));
    expect([...types].filter((type) => /^Custom::|CustomResource|Kubectl/.test(type))).toEqual([]);
    expect([...types].filter((type) => type.startsWith("AWS::EKS::"))).toEqual(["AWS::EKS::AccessEntry"]);
  });
});
