/** Reads every IAM statement of the template: nothing may be allowed everywhere unless AWS forces it, with the reason written. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";
import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { aStack, anApp, EVERYTHING, resourcesOf } from "./a-stack.ts";

type Statement = {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
};

/** All statements of identity policies, those inside roles included. */
function statementsOf(template: Template): readonly Statement[] {
  const documents = [
    ...Object.values(resourcesOf(template, "AWS::IAM::Policy")).map(
      (it) => it.Properties?.["PolicyDocument"],
    ),
    ...Object.values(resourcesOf(template, "AWS::IAM::Role")).flatMap((it) =>
      ((it.Properties?.["Policies"] ?? []) as readonly { readonly PolicyDocument: unknown }[]).map(
        ({ PolicyDocument }) => PolicyDocument,
      ),
    ),
  ];
  return documents.flatMap((it) => (it as { readonly Statement: readonly Statement[] }).Statement);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** Every acknowledgement anywhere in the tree: id -> reason. */
function acknowledgements(root: IConstruct): ReadonlyMap<string, string> {
  const entries = root.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
  return new Map(entries);
}

const stack = aStack(anApp(), EVERYTHING);
const template = Template.fromStack(stack);
const statements = statementsOf(template);
const allowed = statements.filter(({ Effect }) => Effect === "Allow");

const clients = join(import.meta.dirname, "..", "..", "lib", "aws", "clients");

/** IAM's prefix for each of the SDK's clients. */
const SERVICES: Readonly<Record<string, string>> = {
  "auto-scaling.ts": "autoscaling",
  "ec2.ts": "ec2",
  "eks.ts": "eks",
  "sqs.ts": "sqs",
  "ssm.ts": "ssm",
};

/** Only hepctl and `npm run deploy` load these, with a person's credentials: `invoke`, what `doctor` asks of AWS, what `init` does. */
const FOR_A_PERSON = ["account.ts", "installation.ts", "lambda.ts"];

/** Polling the queue, writing logs, network interfaces; and the schedule's own role. Our code calls none of these. */
const FOR_LAMBDA_ITSELF =
  /^(logs:(CreateLogStream|PutLogEvents)|sqs:(ReceiveMessage|DeleteMessage|GetQueueUrl|GetQueueAttributes|SendMessage)|ec2:(?!DescribeInstances|DescribeVpcs).*|lambda:InvokeFunction)$/;

describe("what the stack may do in AWS", () => {
  test("no action is a pattern", () => {
    const actions = allowed.flatMap(({ Action }) => listOf(Action));
    expect(actions.length).toBeGreaterThan(20);
    for (const action of actions) expect(action).not.toContain("*");
  });

  test("every call that the code makes is granted, and every grant is called for", () => {
    const called = readdirSync(clients)
      .filter((file) => !FOR_A_PERSON.includes(file))
      .flatMap((file) =>
        [...readFileSync(join(clients, file), "utf8").matchAll(/new (\w+)Command\(/g)].map(
          ([, call = ""]) => `${SERVICES[file] ?? file}:${call.replace(/Batch$/, "")}`,
        ),
      );
    expect(called.length).toBeGreaterThan(8);
    const granted = new Set(
      allowed.flatMap(({ Action }) => listOf(Action)).filter((action) => !FOR_LAMBDA_ITSELF.test(action)),
    );
    expect([...granted].sort()).toEqual([...new Set(called)].sort());
  });

  test("each wildcard has its written reason", () => {
    const reasons = acknowledgements(stack);
    const resources = new Set(
      allowed.flatMap(({ Resource }) => listOf(Resource)).filter((it) => JSON.stringify(it).includes("*")),
    );
    expect(resources.size).toBe(5);
    for (const resource of resources)
      expect(reasons.get(`AwsSolutions::AwsSolutions-IAM5[Resource::${String(resource)}]`)).toMatch(
        /\w+ .{30,}/,
      );
  });

  test("managed node groups are limited to this cluster by EKS's tag", () => {
    const ofNodeGroups = allowed.filter(({ Resource }) => String(Resource).endsWith("/eks-*"));
    expect(ofNodeGroups).toHaveLength(2);
    for (const { Condition } of ofNodeGroups)
      expect(Condition).toEqual({ StringEquals: { "aws:ResourceTag/eks:cluster-name": "prod" } });
  });

  test("our code cannot use what Lambda needs for network interfaces", () => {
    const denied = statements.filter(({ Effect }) => Effect === "Deny");
    expect(denied.map(({ Condition }) => Condition)).toEqual(
      ["reconcile", "release"].map((name) => ({
        ArnEquals: {
          "lambda:SourceFunctionArn": `arn:aws:lambda:eu-west-1:111122223333:function:hostendpoint-reconciler-prod-${name}`,
        },
      })),
    );
  });

  test("nothing grants invoking the break-glass function", () => {
    const invoked = allowed
      .filter(({ Action }) => listOf(Action).includes("lambda:InvokeFunction"))
      .flatMap(({ Resource }) => listOf(Resource));
    expect(JSON.stringify(invoked)).toMatch(/Reconcile/);
    expect(JSON.stringify(invoked)).not.toMatch(/Release/);
    template.resourceCountIs("AWS::Lambda::Permission", 0);
  });

  test("no AWS managed policy, and no role with a name of its own", () => {
    const roles = Object.values(resourcesOf(template, "AWS::IAM::Role"));
    expect(roles).toHaveLength(3);
    for (const { Properties } of roles) {
      expect(Properties).not.toHaveProperty("ManagedPolicyArns");
      // A role that is replaced under the same name would leave a dead access entry (see cluster-access.ts).
      expect(Properties).not.toHaveProperty("RoleName");
    }
  });

  test("every resource policy names a service and where it comes from, or refuses plain HTTP", () => {
    const policies = ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"].flatMap((type) =>
      Object.values(resourcesOf(template, type)).flatMap(
        (it) => (it.Properties?.["PolicyDocument"] as { readonly Statement: readonly Statement[] }).Statement,
      ),
    );
    expect(policies.length).toBeGreaterThan(8);
    for (const { Effect, Condition, Principal } of policies) {
      if (Effect === "Deny") {
        expect(Condition).toEqual({ Bool: { "aws:SecureTransport": "false" } });
        continue;
      }
      expect(Principal).toEqual({ Service: expect.stringMatching(/^(events|cloudwatch)\.amazonaws\.com$/) });
      expect(JSON.stringify(Condition)).toMatch(/aws:Source(Arn|Account)/);
    }
  });
});
