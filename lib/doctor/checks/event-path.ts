/** The way of an event: EventBridge rule -> queue -> function, and what was left in the dead-letter queue. Pure. */
import type { Settings } from "../../config/settings.ts";
import type { Finding } from "../../model/finding.ts";
import type {
  Deployed,
  EventSourceFact,
  InstallationFacts,
  QueueFacts,
  Reading,
  RuleFact,
} from "../../model/installation.ts";
import { ROUTED_EVENTS, routedRules, type RoutedRule } from "../../names/names.ts";

export function checkEventPath(
  installation: InstallationFacts,
  { eventSource, queue, rules }: Deployed,
  settings: Settings,
): readonly Finding[] {
  return [
    ...checkEventSource(installation, eventSource),
    ...(queue === undefined ? [] : checkQueue(installation, queue)),
    ...(rules?.kind === "read" && queue?.attributes.kind !== "absent"
      ? routedRules(settings).flatMap((it) => checkRule(installation, it, rules.value, settings))
      : []),
  ];
}

function checkEventSource(
  { cluster, region, functionName }: InstallationFacts,
  eventSource: Reading<EventSourceFact>,
): readonly Finding[] {
  const object = `Function/${functionName}`;
  if (eventSource.kind === "absent")
    return [
      {
        severity: "error",
        code: "event-source-missing",
        object,
        message: "no queue wakes it: new nodes wait for the next resync, and hooks for their timeout",
        fix: `npm run deploy -- ${cluster}`,
      },
    ];
  if (eventSource.kind !== "read" || !/^Disabl/.test(eventSource.value.state)) return [];
  return [
    {
      severity: "error",
      code: "event-source-disabled",
      object,
      message: "its mapping to the queue is turned off: events wait there, and hooks for their timeout",
      fix: `aws lambda update-event-source-mapping --uuid ${eventSource.value.id} --enabled --region ${region}`,
    },
  ];
}

function checkQueue(
  { cluster, region }: InstallationFacts,
  { arn, attributes, deadLetters }: QueueFacts,
): readonly Finding[] {
  const deploy = `npm run deploy -- ${cluster}`;
  if (attributes.kind === "absent")
    return [
      {
        severity: "error",
        code: "event-queue-missing",
        object: queueName(arn),
        message: "the function is to read it, and it is gone: no event arrives",
        fix: deploy,
      },
    ];
  if (attributes.kind !== "read") return [];
  const { deadLetterArn } = attributes.value;
  if (deadLetterArn === undefined || deadLetters?.kind === "absent")
    return [
      {
        severity: "error",
        code: "dead-letter-queue-missing",
        object: queueName(arn),
        message:
          "it has no dead-letter queue: a record that nobody can digest comes back for a day, then it is lost",
        fix: deploy,
      },
    ];
  if (deadLetters?.kind !== "read" || !(deadLetters.value.messages > 0)) return [];
  return [
    {
      severity: "warning",
      code: "dead-letters-waiting",
      object: queueName(deadLetterArn),
      message: `about ${deadLetters.value.messages} events could not be processed and are kept as evidence`,
      fix: `aws sqs receive-message --queue-url ${deadLetters.value.url} --region ${region}; then infra/RUNBOOK.md#events-dead-lettered`,
    },
  ];
}

/** A rule is known by what it routes: CloudFormation gives it its name. */
function checkRule(
  { cluster, region }: InstallationFacts,
  wanted: RoutedRule,
  rules: readonly RuleFact[],
  { autoScalingGroups }: Settings,
): readonly Finding[] {
  const deploy = `npm run deploy -- ${cluster}`;
  const matching = rules.filter((it) => routes(it, wanted));
  const first = matching[0];
  if (first === undefined)
    return [
      {
        severity: "error",
        code: "event-rule-missing",
        object: `Rule/${wanted}`,
        message: `no rule sends these events to the queue: ${ROUTED_EVENTS[wanted].detailTypes.join(", ")}`,
        fix: deploy,
      },
    ];
  const inForce = matching.filter((it) => it.enabled);
  if (inForce.length === 0)
    return [
      {
        severity: "error",
        code: "event-rule-disabled",
        object: `Rule/${first.name}`,
        message: "it is turned off",
        fix: `aws events enable-rule --name ${first.name} --region ${region}`,
      },
    ];
  if (wanted !== "GroupLifecycle") return [];
  const left = autoScalingGroups.filter(
    (group) => !inForce.some((it) => it.autoScalingGroups.includes(group)),
  );
  if (left.length === 0) return [];
  return [
    {
      severity: "error",
      code: "event-rule-outdated",
      object: `Rule/${inForce[0]?.name ?? first.name}`,
      message: `the settings name groups that it does not let through: ${left.join(", ")}`,
      fix: deploy,
    },
  ];
}

function routes({ sources, detailTypes }: RuleFact, wanted: RoutedRule): boolean {
  const { source, detailTypes: types } = ROUTED_EVENTS[wanted];
  return (
    sources.includes(source) &&
    detailTypes.length === types.length &&
    types.every((it) => detailTypes.includes(it))
  );
}

function queueName(arn: string): string {
  return `Queue/${arn.split(":").at(-1) ?? arn}`;
}
