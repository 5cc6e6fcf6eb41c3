/**
 * Looks for machines that wait for an answer of ours, and answers them: for events that were lost, and for records that the queue
 * gave up. Runs every minute and with every resync, so that no answer depends on a record that comes back.
 *
 * In: the groups of the settings. Out: how many wait, how many go on waiting, and how many do so for longer than one heartbeat.
 */
import { lifecycleHookNames, installationName } from "../../lib/names/names.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import type { LifecycleHook, Trigger } from "../../lib/model/trigger.ts";
import type { WaitingInstance } from "../../lib/ports/aws.ts";
import type { Invocation } from "../shared/shell.ts";
import { answerTriggers } from "./answer-triggers.ts";
import type { RememberingPorts } from "./fleet-memory.ts";

export type HooksAnswer = {
  readonly status: "answered" | "failed";
  /** Machines that waited when we looked. */
  readonly waiting: number;
  /** Of these, those that are held on. */
  readonly held: number;
  /** Of these, those that have waited for longer than one heartbeat, or whose answer did not get through. */
  readonly unanswered: number;
};

/** Never throws: the next minute tries again, and the metric says what was not answered. */
export async function answerWaiting(ports: RememberingPorts, invocation: Invocation): Promise<HooksAnswer> {
  const { settings, lifecycle, clock } = ports;
  const { autoScalingGroups: named, cluster } = settings;
  const managed = settings.lifecycle.managedNodeGroups;
  // In `observe` there are no hooks of ours, and nothing is written to AWS.
  const isNone = settings.stage === "observe" || (named.length === 0 && !managed);
  if (isNone) return { status: "answered", waiting: 0, held: 0, unanswered: 0 };
  let waiting: readonly WaitingInstance[];
  try {
    waiting = await lifecycle.waiting({ cluster: cluster.name, named, managed }, invocation.signal);
  } catch (error) {
    invocation.log.warn(describeError(error), "waiting machines not looked for");
    ports.measure({ HooksUnanswered: 1 });
    return { status: "failed", waiting: 0, held: 0, unanswered: 1 };
  }
  if (waiting.length === 0) return { status: "answered", waiting: 0, held: 0, unanswered: 0 };
  const triggers = waiting.map((it) => triggerOf(it, settings));
  const { hookAnswerOf, launchedAtOf } = await answerTriggers(triggers, ports, invocation);
  const held = triggers.filter((it) => hookAnswerOf(it)?.completion.kind === "hold");
  const isLate = (trigger: Trigger) => {
    if (hookAnswerOf(trigger)?.gotThrough === false) return true;
    const launched = Date.parse(launchedAtOf(trigger) ?? "");
    return held.includes(trigger) && clock.now() - launched > settings.lifecycle.heartbeat * 1000;
  };
  const unanswered = triggers.filter(isLate).length;
  ports.measure({ HooksUnanswered: unanswered });
  const counts = { waiting: waiting.length, held: held.length, unanswered };
  invocation.log.info(counts, "waiting machines answered");
  return { status: "answered", ...counts };
}

/** As an event would have said it: the groups are ours, so the hook is told to be. */
function triggerOf(
  { autoScalingGroup, instanceId, transition, destination }: WaitingInstance,
  { id, cluster }: RememberingPorts["settings"],
): Trigger {
  const hook: LifecycleHook = {
    transition,
    autoScalingGroup,
    hook: lifecycleHookNames(id)[transition],
    instanceId,
    metadata: installationName(cluster.name, id),
    ...(destination === undefined ? {} : { destination }),
  };
  return {
    kind: "instance",
    instanceId,
    change: transition === "launch" ? "launching" : "terminating",
    hook,
  };
}
