/**
 * Reads what is deployed for one cluster, for `hepctl doctor`.
 *
 * In: cluster, id and groups. Out: `InstallationFacts`: each part as AWS says it, or why it could not be read.
 * The function has a name that we know; the queue and the rules have names of CloudFormation's, so they are found from the
 * function on: its event source is the queue, and the rules are those that have this queue as their target.
 */
import { DeniedError, NotFoundError } from "../model/errors.ts";
import type {
  AccessEntryFact,
  Deployed,
  EventSourceFact,
  HookFact,
  InstallationFacts,
  QueueFacts,
  Reading,
  RuleFact,
} from "../model/installation.ts";
import { armedParameterName, reconcileFunctionName } from "../names/names.ts";
import type { InstallationReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import { armedMark } from "./armed-mark.ts";
import { awsErrorName, classifyError } from "./classify-error.ts";
import { once, type AwsOptions } from "./client-options.ts";
import { autoScalingCalls, type AutoScalingCalls } from "./clients/auto-scaling.ts";
import { eksCalls } from "./clients/eks.ts";
import { installationCalls, type InstallationCalls } from "./clients/installation.ts";
import { clusterFactsReader } from "./cluster-facts.ts";
import { findGroups } from "./managed-node-groups.ts";
import { queueUrlOf } from "./queue-visibility.ts";
import { readRulePattern } from "./rule-pattern.ts";

export type InstallationRequest = {
  readonly cluster: string;
  readonly id: string;
  readonly autoScalingGroups: readonly string[];
  readonly managedNodeGroups: boolean;
};

export function installationReader(
  request: InstallationRequest,
  aws: AwsOptions,
  clock: Clock,
): InstallationReader {
  const { cluster, id } = request;
  const calls = installationCalls(aws);
  const eks = once(async () => eksCalls(aws));
  const facts = clusterFactsReader(cluster, eks, clock);
  const mark = armedMark(armedParameterName(cluster, id), aws);
  const functionName = reconcileFunctionName(cluster, id);
  return {
    read: async (signal): Promise<InstallationFacts> => {
      const place = { cluster, region: aws.region, functionName };
      const found = await readFunction(functionName, calls, signal);
      if (found.kind === "absent") return { ...place, deployed: undefined };
      const [authenticationMode, accessEntry, events, groups, armed] = await Promise.all([
        ask("eks:DescribeCluster", cluster, async () => (await facts.read(signal)).authenticationMode ?? ""),
        found.kind === "read" ? readAccessEntry(cluster, found.value.roleArn, calls, signal) : undefined,
        readEventPath(functionName, calls, signal),
        readGroups(request, { eks: calls, autoScaling: autoScalingCalls(aws) }, signal),
        ask("ssm:GetParameter", "", () => mark.read(signal)),
      ]);
      return {
        ...place,
        deployed: { function: found, authenticationMode, accessEntry, ...events, ...groups, mark: armed },
      };
    },
  };
}

function readFunction(
  functionName: string,
  calls: InstallationCalls,
  signal: AbortSignal,
): Promise<Deployed["function"]> {
  return ask("lambda:GetFunctionConfiguration", functionName, async () => {
    const { Role } = await calls.getFunction(functionName, signal);
    return { roleArn: Role ?? "" };
  });
}

function readAccessEntry(
  cluster: string,
  roleArn: string,
  calls: InstallationCalls,
  signal: AbortSignal,
): Promise<Reading<AccessEntryFact>> {
  return ask("eks:DescribeAccessEntry", roleArn, async () => {
    const { accessEntry } = await calls.describeAccessEntry(cluster, roleArn, signal);
    return { username: accessEntry?.username ?? "", groups: accessEntry?.kubernetesGroups ?? [] };
  });
}

/** The way of an event, from its end: function, queue, rules. */
async function readEventPath(
  functionName: string,
  calls: InstallationCalls,
  signal: AbortSignal,
): Promise<Pick<Deployed, "eventSource" | "queue" | "rules">> {
  const eventSource = await readEventSource(functionName, calls, signal);
  if (eventSource.kind !== "read") return { eventSource, queue: undefined, rules: undefined };
  const { queueArn } = eventSource.value;
  const [queue, rules] = await Promise.all([
    readQueue(queueArn, calls, signal),
    readRules(queueArn, calls, signal),
  ]);
  return { eventSource, queue, rules };
}

function readEventSource(
  functionName: string,
  calls: InstallationCalls,
  signal: AbortSignal,
): Promise<Reading<EventSourceFact>> {
  const operation = "lambda:ListEventSourceMappings";
  return ask(operation, functionName, async () => {
    const { EventSourceMappings } = await calls.listEventSources(functionName, signal);
    const mapping = EventSourceMappings?.find((it) => /^arn:[^:]+:sqs:/.test(it.EventSourceArn ?? ""));
    if (mapping === undefined) throw new NotFoundError(`${operation} ${functionName}: no queue`);
    const { UUID, EventSourceArn, State } = mapping;
    return { id: UUID ?? "", queueArn: EventSourceArn ?? "", state: State ?? "" };
  });
}

async function readQueue(arn: string, calls: InstallationCalls, signal: AbortSignal): Promise<QueueFacts> {
  const attribute = async (queueArn: string, name: "RedrivePolicy" | "ApproximateNumberOfMessages") =>
    (await calls.queueAttributes(queueUrlOf(queueArn), name, signal)).Attributes?.[name];
  const attributes = await ask("sqs:GetQueueAttributes", arn, async () => ({
    deadLetterArn: deadLetterArnOf(await attribute(arn, "RedrivePolicy")),
  }));
  const deadLetterArn = attributes.kind === "read" ? attributes.value.deadLetterArn : undefined;
  const deadLetters =
    deadLetterArn === undefined
      ? undefined
      : await ask("sqs:GetQueueAttributes", deadLetterArn, async () => ({
          url: queueUrlOf(deadLetterArn),
          messages: Number(await attribute(deadLetterArn, "ApproximateNumberOfMessages")),
        }));
  return { arn, attributes, deadLetters };
}

function deadLetterArnOf(redrivePolicy: string | undefined): string | undefined {
  if (redrivePolicy === undefined || redrivePolicy === "") return undefined;
  const { deadLetterTargetArn } = JSON.parse(redrivePolicy) as { readonly deadLetterTargetArn?: unknown };
  return typeof deadLetterTargetArn === "string" ? deadLetterTargetArn : undefined;
}

/** We have a handful of rules: one page holds a hundred. */
async function readRules(
  queueArn: string,
  calls: InstallationCalls,
  signal: AbortSignal,
): Promise<Reading<readonly RuleFact[]>> {
  const names = await ask("events:ListRuleNamesByTarget", queueArn, async () => {
    const { RuleNames } = await calls.listRulesOf(queueArn, signal);
    return RuleNames ?? [];
  });
  if (names.kind !== "read") return names;
  return ask("events:DescribeRule", queueArn, () =>
    Promise.all(
      names.value.map(async (name) => {
        const { State, EventPattern } = await calls.describeRule(name, signal);
        return { name, enabled: State !== "DISABLED", ...readRulePattern(EventPattern) };
      }),
    ),
  );
}

type GroupCalls = {
  readonly eks: Pick<InstallationCalls, "listNodegroups" | "describeNodegroup">;
  readonly autoScaling: Pick<AutoScalingCalls, "describeLifecycleHooks">;
};

async function readGroups(
  { cluster, autoScalingGroups, managedNodeGroups }: InstallationRequest,
  { eks, autoScaling }: GroupCalls,
  signal: AbortSignal,
): Promise<Pick<Deployed, "managedGroups" | "hooks">> {
  const managedGroups = managedNodeGroups
    ? await ask("eks:ListNodegroups and eks:DescribeNodegroup", cluster, () =>
        findGroups(cluster, eks, signal),
      )
    : undefined;
  const managed = managedGroups?.kind === "read" ? managedGroups.value : [];
  const groups = [
    ...autoScalingGroups.map((group) => ({ group, keeper: "stack" as const })),
    ...managed
      .filter((it) => !autoScalingGroups.includes(it))
      .map((group) => ({ group, keeper: "resync" as const })),
  ];
  const hooks = groups.map(async (it) => ({ ...it, hooks: await readHooks(it.group, autoScaling, signal) }));
  return { managedGroups, hooks: await Promise.all(hooks) };
}

function readHooks(
  group: string,
  calls: Pick<AutoScalingCalls, "describeLifecycleHooks">,
  signal: AbortSignal,
): Promise<Reading<readonly HookFact[]>> {
  const action = "autoscaling:DescribeLifecycleHooks";
  return ask(action, group, async () => {
    const { LifecycleHooks } = await calls.describeLifecycleHooks(group, signal).catch((error: unknown) => {
      // Auto Scaling has no word of its own for a group that is not there.
      if (awsErrorName(error) === "ValidationError") throw new NotFoundError(`${action} ${group}: no group`);
      throw error;
    });
    return (LifecycleHooks ?? []).map((it) => ({
      name: it.LifecycleHookName ?? "",
      transition: it.LifecycleTransition ?? "",
      heartbeatSeconds: it.HeartbeatTimeout ?? 0,
      defaultResult: it.DefaultResult ?? "",
    }));
  });
}

async function ask<T>(action: string, subject: string, question: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { kind: "read", value: await question() };
  } catch (thrown) {
    const error = classifyError(thrown, `${action} ${subject}`);
    if (error instanceof NotFoundError) return { kind: "absent" };
    if (error instanceof DeniedError && error.status === 403) return { kind: "denied", action };
    return { kind: "failed", because: error.message };
  }
}
