/**
 * The synthesized stack, deployed through CloudFormation (LocalStack's), and real PutEvents through its real rules into its real
 * queue. LocalStack knows no EKS access entries, dashboards and lifecycle hooks (empty stand-ins), and Lambda's resources are taken
 * out (they need Docker): the bundled function runs beside it elsewhere in this folder.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Message } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { parseTrigger } from "../../../lib/trigger/parse-trigger.ts";
import type { RecordedEvent } from "../../events/events.ts";
import { aTemplate, EVERYTHING, resourcesOf } from "../../infra/a-stack.ts";
import { locateLocalStack, startLocalStack } from "../localstack/start-localstack.ts";
import type { PythonServer } from "../localstack/start-python-server.ts";
import { describeWithParts } from "../parts/describe-with-parts.ts";
import { deployTemplate } from "./deploy-template.ts";
import type { DeployedStack } from "./deploy-template.ts";
import { forLocalStack } from "./for-localstack.ts";
import type { Template } from "./for-localstack.ts";
import { routedEvents } from "./routed-events.ts";
import type { RuleName } from "./routed-events.ts";

const ACCOUNT = "111122223333";
const REGION = "eu-west-1";
const RULES: readonly RuleName[] = [
  "GroupLifecycle",
  "NodeGroupLifecycle",
  "InstanceState",
  "Interruption",
  "Health",
];

const synthesized = aTemplate({ ...EVERYTHING, autoScalingGroups: ["prod-workers"] });
const cases = routedEvents();

let localStack: PythonServer | undefined;
let events: EventBridgeClient;
let queues: SQSClient;
let parameters: SSMClient;
let stack: DeployedStack;
let takenOut: readonly string[];

async function deploy(): Promise<void> {
  localStack = await startLocalStack();
  const configuration = {
    endpoint: localStack.url,
    region: REGION,
    // LocalStack takes an account id for an access key.
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "none" },
  };
  events = new EventBridgeClient(configuration);
  queues = new SQSClient(configuration);
  parameters = new SSMClient(configuration);
  const local = forLocalStack(synthesized.toJSON() as Template, ACCOUNT, REGION);
  takenOut = local.takenOut;
  stack = await deployTemplate(configuration, "deployed-stack", local.template);
}

async function destroy(): Promise<void> {
  await localStack?.stop();
  for (const client of [events, queues, parameters]) client.destroy();
}

/** Receives until nothing comes for a second, and deletes what came. */
async function drain(queueUrl: string): Promise<readonly RecordedEvent[]> {
  const bodies: RecordedEvent[] = [];
  for (;;) {
    const { Messages = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = "", ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body) as RecordedEvent);
      await queues.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
}

async function put(batch: readonly RecordedEvent[]): Promise<void> {
  for (let from = 0; from < batch.length; from += 10) {
    const { FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: batch.slice(from, from + 10).map((event) => ({
          Source: String(event["source"]),
          DetailType: String(event["detail-type"]),
          Detail: JSON.stringify(event["detail"]),
          Resources: event["resources"] as string[],
          Time: new Date(String(event["time"])),
        })),
      }),
    );
    expect(FailedEntryCount).toBe(0);
  }
}

/** What identifies an event on both sides: EventBridge gives every event a new id. */
function identity(event: RecordedEvent): string {
  return JSON.stringify([event["source"], event["detail-type"], event["detail"]]);
}

await describeWithParts("the stack in LocalStack", [locateLocalStack], () => {
  beforeAll(deploy);
  afterAll(destroy);

  describe("the deployment", () => {
    test("creates every resource of the template but Lambda's", () => {
      const all = Object.keys((synthesized.toJSON() as Template).Resources);
      expect(stack.resources.map(({ LogicalResourceId }) => LogicalResourceId).sort()).toEqual(
        all.filter((it) => !takenOut.includes(it)).sort(),
      );
      expect(new Set(stack.resources.map(({ ResourceStatus }) => ResourceStatus))).toEqual(
        new Set(["CREATE_COMPLETE"]),
      );
      expect(takenOut).toHaveLength(4);
    });

    test("says which resource types are empty stand-ins", () => {
      const standIns = stack.resources
        .filter(({ ResourceStatusReason }) => ResourceStatusReason?.includes("fallback"))
        .map(({ ResourceType }) => ResourceType);
      expect([...new Set(standIns)].sort()).toEqual([
        "AWS::AutoScaling::LifecycleHook",
        "AWS::CloudWatch::Dashboard",
        "AWS::EKS::AccessEntry",
      ]);
    });

    test("gives the queues the times and the redrive that the template names", async () => {
      const attributes = async (prefix: string) => {
        const { Attributes = {} } = await queues.send(
          new GetQueueAttributesCommand({ QueueUrl: stack.physicalId(prefix), AttributeNames: ["All"] }),
        );
        return Attributes;
      };
      const queue = await attributes("QueueEvents");
      const deadLetters = await attributes("QueueDeadLetters");
      expect(queue).toMatchObject({
        VisibilityTimeout: "725",
        MessageRetentionPeriod: "86400",
        SqsManagedSseEnabled: "true",
      });
      expect(JSON.parse(queue["RedrivePolicy"] ?? "")).toEqual({
        deadLetterTargetArn: deadLetters["QueueArn"],
        maxReceiveCount: 10,
      });
    });

    test("leaves the break-glass mark alone: an update of the stack must not arm what was released", async () => {
      const mark = new GetParameterCommand({ Name: "/hostendpoint-reconciler/prod/armed" });
      await expect(parameters.send(mark)).rejects.toThrow(/not found/);
    });
  });

  describe("the rules", () => {
    test("are these, and each sends to the queue, with its own place for what cannot be delivered", async () => {
      const names = Object.keys(resourcesOf(synthesized, "AWS::Events::Rule"));
      expect(names.map((it) => RULES.find((rule) => it.startsWith(`Routing${rule}`))).sort()).toEqual(
        [...RULES].sort(),
      );
      for (const rule of RULES) {
        const { Targets } = await events.send(
          new ListTargetsByRuleCommand({ Rule: stack.physicalId(`Routing${rule}`) }),
        );
        expect(Targets).toEqual([
          expect.objectContaining({
            Arn: expect.stringContaining("QueueEvents"),
            DeadLetterConfig: { Arn: expect.stringContaining("QueueUndeliverable") },
            RetryPolicy: { MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 185 },
          }),
        ]);
      }
    });

    test.each(RULES)("%s lets through what it should, and nothing else", async (rule) => {
      const { EventPattern } = await events.send(
        new DescribeRuleCommand({ Name: stack.physicalId(`Routing${rule}`) }),
      );
      const matched: string[] = [];
      for (const { name, event } of cases) {
        const { Result } = await events.send(
          new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) }),
        );
        if (Result === true) matched.push(name);
      }
      const wanted = cases.filter((it) => it.rule === rule).map(({ name }) => name);
      expect(wanted.length).toBeGreaterThan(1);
      expect(matched).toEqual(wanted);
    });
  });

  describe("real events", () => {
    test("arrive in the queue exactly once when a rule lets them through, and never otherwise", async () => {
      await put(cases.map(({ event }) => event));
      const arrived = await drain(stack.physicalId("QueueEvents"));
      const wanted = cases.filter(({ rule }) => rule !== undefined).map(({ event }) => identity(event));
      expect(arrived.map(identity).sort()).toEqual(wanted.sort());
      expect(wanted.length).toBeLessThan(cases.length - 10);
      expect(await drain(stack.physicalId("QueueUndeliverable"))).toEqual([]);
      // What arrives is what the trigger room understands; only the poison is not.
      const kinds = arrived.map((it) => parseTrigger(JSON.stringify(it), { via: "queue" }).kind);
      expect(kinds.filter((kind) => kind === "malformed")).toHaveLength(1);
    });

    test("a record that nobody can digest ends among the dead letters after ten deliveries, and not before", async () => {
      const poison = cases.find(({ name }) => name === "poison-lifecycle")?.event ?? {};
      const queueUrl = stack.physicalId("QueueEvents");
      await put([poison]);
      const receive = async (): Promise<Message | undefined> => {
        const { Messages } = await queues.send(
          new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 2 }),
        );
        return Messages?.[0];
      };
      for (let delivery = 1; delivery <= 10; delivery += 1) {
        const message = await receive();
        expect(message).toBeDefined();
        // What the function does with a malformed record, only sooner.
        await queues.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: queueUrl,
            ReceiptHandle: message?.ReceiptHandle,
            VisibilityTimeout: 0,
          }),
        );
      }
      expect(await receive()).toBeUndefined();
      expect((await drain(stack.physicalId("QueueDeadLetters"))).map(identity)).toEqual([identity(poison)]);
    });
  });

  describe("destroying the stack", () => {
    test("leaves nothing behind", async () => {
      await stack.destroy();
      const { QueueUrls = [] } = await queues.send(new ListQueuesCommand({}));
      const { Rules = [] } = await events.send(new ListRulesCommand({}));
      expect([...QueueUrls, ...Rules]).toEqual([]);
    });
  });
});
