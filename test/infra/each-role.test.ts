/**
 * Each role by itself, statement by statement: what is here is all that it may do, and nothing can be added or taken away without
 * this table. Why a line is needed stands beside it.
 */
import { describe, expect, test } from "@jest/globals";
import { aTemplate, EVERYTHING, resourcesOf } from "./a-stack.ts";

type Statement = {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
};

const ACCOUNT = "eu-west-1:111122223333";
const GROUPS = `arn:aws:autoscaling:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName`;
const IN_VPC = [
  `Allow ec2:CreateNetworkInterface on arn:aws:ec2:${ACCOUNT}:security-group/sg-0123456789abcdef0 arn:aws:ec2:${ACCOUNT}:subnet/subnet-0123456789abcdef0 arn:aws:ec2:${ACCOUNT}:subnet/subnet-0fedcba9876543210`,
  `Allow ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:UnassignPrivateIpAddresses on arn:aws:ec2:${ACCOUNT}:network-interface/*`,
  "Allow ec2:DescribeNetworkInterfaces ec2:DescribeSubnets on *",
  "Deny ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses on * if",
];
const FIND_GROUPS =
  "Allow autoscaling:DescribeAutoScalingGroups autoscaling:DescribeLifecycleHooks autoscaling:DescribeWarmPool on *";
const CLUSTER = `Allow eks:DescribeCluster on arn:aws:eks:${ACCOUNT}:cluster/prod`;
const MARKS = `arn:aws:ssm:${ACCOUNT}:parameter/hostendpoint-reconciler/prod`;

/** Everything: a VPC, named groups, managed node groups. */
const all: Readonly<Record<string, readonly string[]>> = {
  reconciler: [
    "Allow logs:CreateLogStream logs:PutLogEvents on ReconcilerReconcileLogs.Arn",
    CLUSTER,
    ...IN_VPC,
    // Is it released, and are hooks being removed?
    `Allow ssm:GetParameter on ${MARKS}/armed ${MARKS}/hooks`,
    "Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on QueueEvents.Arn",
    "Allow ec2:DescribeInstances ec2:DescribeVpcs on *",
    ...["prod-gpu", "prod-workers"].map(
      (group) =>
        `Allow autoscaling:CompleteLifecycleAction autoscaling:RecordLifecycleActionHeartbeat on ${GROUPS}/${group}`,
    ),
    `Allow autoscaling:CompleteLifecycleAction autoscaling:DeleteLifecycleHook autoscaling:PutLifecycleHook autoscaling:RecordLifecycleActionHeartbeat on ${GROUPS}/eks-* if`,
    FIND_GROUPS,
  ],
  release: [
    "Allow logs:CreateLogStream logs:PutLogEvents on ReleaseLogs.Arn",
    CLUSTER,
    ...IN_VPC,
    `Allow ssm:PutParameter on ${MARKS}/armed ${MARKS}/hooks`,
    ...["prod-gpu", "prod-workers"].map(
      (group) => `Allow autoscaling:CompleteLifecycleAction on ${GROUPS}/${group}`,
    ),
    `Allow autoscaling:CompleteLifecycleAction autoscaling:DeleteLifecycleHook on ${GROUPS}/eks-* if`,
    FIND_GROUPS,
  ],
  schedule: [
    "Allow lambda:InvokeFunction on ReconcilerReconcileFunction.Arn",
    "Allow sqs:SendMessage on QueueUndeliverable.Arn",
  ],
};

/** The defaults: no VPC, no hooks. What an earlier deployment put on managed node groups can be removed all the same. */
const few: Readonly<Record<string, readonly string[]>> = {
  ...all,
  reconciler: (all["reconciler"] ?? []).flatMap((it) =>
    IN_VPC.includes(it) || /prod-(gpu|workers)/.test(it)
      ? []
      : [it.replace(" autoscaling:PutLifecycleHook autoscaling:RecordLifecycleActionHeartbeat", "")],
  ),
  release: (all["release"] ?? []).filter((it) => !IN_VPC.includes(it) && !/prod-(gpu|workers)/.test(it)),
};

/** One line for each action on each resource: CDK puts statements together as it likes. */
function said({ Effect, Action, Resource, Condition }: Statement): readonly string[] {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
  return list(Action).flatMap((action) =>
    list(Resource).map(
      (it) => `${Effect} ${String(action)} on ${nameOf(it)}${Condition === undefined ? "" : " if"}`,
    ),
  );
}

/** The lines of the table in the same way. */
function each(line: string): readonly string[] {
  const [, effect = "", actions = "", resources = "", condition = ""] =
    /^(\w+) (.+) on (.+?)( if)?$/.exec(line) ?? [];
  return actions
    .split(" ")
    .flatMap((action) => resources.split(" ").map((it) => `${effect} ${action} on ${it}${condition ?? ""}`));
}

/** ARNs as they are; references by logical id, without CDK's digest. */
function nameOf(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const { "Fn::GetAtt": attribute } = resource as { readonly "Fn::GetAtt"?: readonly [string, string] };
  if (attribute === undefined) return JSON.stringify(resource);
  return `${attribute[0].replace(/[0-9A-F]{8}$/, "")}.${attribute[1]}`;
}

function rolesOf(template: ReturnType<typeof aTemplate>): Readonly<Record<string, readonly string[]>> {
  const words = { Reconciler: "reconciler", Release: "release", Resync: "schedule" } as const;
  const found: Record<string, string[]> = {};
  for (const [id, { Properties }] of Object.entries(resourcesOf(template, "AWS::IAM::Policy"))) {
    const word = Object.entries(words).find(([prefix]) => id.startsWith(prefix))?.[1] ?? id;
    const { Statement } = Properties?.["PolicyDocument"] as { readonly Statement: readonly Statement[] };
    (found[word] ??= []).push(...Statement.flatMap(said));
  }
  return Object.fromEntries(
    Object.entries(found).map(([role, statements]) => [role, [...new Set(statements)].sort()]),
  );
}

const sorted = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    Object.entries(table).map(([role, statements]) => [role, [...new Set(statements.flatMap(each))].sort()]),
  );

describe.each([
  ["with everything", EVERYTHING, all],
  ["with the defaults", {}, few],
] as const)("%s", (_name, settings, table) => {
  const roles = rolesOf(aTemplate(settings));

  test.each(Object.keys(all))("the role of %s may do this, no more and no less", (role) => {
    expect(roles[role]).toEqual(sorted(table)[role]);
  });

  test("there is no other role with a policy", () => {
    expect(Object.keys(roles).sort()).toEqual(Object.keys(all).sort());
  });
});
