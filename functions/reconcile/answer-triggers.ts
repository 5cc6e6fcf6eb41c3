/**
 * Triggers, however they came -> what became of each: one look at EC2, one run for those that are ours, one answer for each hook.
 *
 * In: triggers of a batch, or of hooks that were found waiting. Out: the outcome of each.
 * Must never happen: a request to the cluster for a machine that nothing says is ours, or an answer to a hook before it is known
 * whose machine waits there.
 */
import type { RecordOutcome } from "../../lib/lifecycle/decide-disposition.ts";
import { instanceStatusOf, type InstanceStatus } from "../../lib/lifecycle/instance-status.ts";
import type { InstanceTrigger, Trigger } from "../../lib/model/trigger.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import type { Reconciliation } from "../../lib/reconcile/reconcile.ts";
import { movesIntoWarmPool } from "../../lib/scope/scope-of.ts";
import type { Invocation } from "../shared/shell.ts";
import { answerHooks, keyOf, type HookAnswer } from "./answer-hooks.ts";
import type { RememberingPorts } from "./fleet-memory.ts";
import { lookUpInstances, type LookedUp } from "./look-up-instances.ts";
import { run } from "./run.ts";

/** What became of the one run. */
type RunResult =
  | { readonly kind: "done"; readonly reconciliation: Reconciliation }
  | { readonly kind: "threw" }
  | { readonly kind: "released" }
  /** No trigger points at anything to look at. */
  | { readonly kind: "nothing" };

/** `lookedUp` is absent when EC2 did not answer. */
type Look = { readonly lookedUp?: LookedUp; readonly result: RunResult };

export type TriggersAnswer = {
  readonly outcomeOf: (trigger: Trigger) => RecordOutcome;
  readonly hookAnswerOf: (trigger: Trigger) => HookAnswer | undefined;
  /** When EC2 started the machine (RFC 3339), when it says so. */
  readonly launchedAtOf: (trigger: Trigger) => string | undefined;
};

/** Never throws: what failed is an outcome. */
export async function answerTriggers(
  triggers: readonly Trigger[],
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<TriggersAnswer> {
  const look = await lookOnce(triggers, ports, invocation);
  const hooks = triggers.flatMap((trigger) =>
    trigger.kind === "instance" && trigger.hook !== undefined
      ? [{ hook: trigger.hook, status: statusOf(trigger, look, ports) }]
      : [],
  );
  const answers = await answerHooks(hooks, ports, invocation);
  const hookAnswerOf = (trigger: Trigger) =>
    trigger.kind === "instance" && trigger.hook !== undefined ? answers.get(keyOf(trigger.hook)) : undefined;
  const launchedAtOf = (trigger: Trigger) =>
    trigger.kind === "instance" ? look.lookedUp?.launchedAtOf(trigger) : undefined;
  return {
    hookAnswerOf,
    launchedAtOf,
    outcomeOf: (trigger) => outcomeOf(trigger, look, hookAnswerOf(trigger), ports),
  };
}

async function lookOnce(
  triggers: readonly Trigger[],
  ports: RememberingPorts,
  invocation: Invocation,
): Promise<Look> {
  let lookedUp: LookedUp | undefined;
  try {
    const named = triggers.filter((it) => it.kind === "instance");
    const found = (lookedUp = await lookUpInstances(named, ports.fleet, ports, invocation.signal));
    const looks = triggers.filter((it) => it.kind !== "instance" || isWorthARun(it, found));
    if (looks.length === 0) return { lookedUp, result: { kind: "nothing" } };
    if ((await ports.mark.read(invocation.signal)) === "released")
      return { lookedUp, result: { kind: "released" } };
    const reconciliation = await run(looks, "apply", { ...ports, instances: found.instances }, invocation);
    return { lookedUp, result: { kind: "done", reconciliation } };
  } catch (error) {
    invocation.log.error(
      { cluster: ports.settings.cluster.name, ...describeError(error) },
      "reconcile failed",
    );
    ports.measure({ Failed: 1 });
    return { ...(lookedUp === undefined ? {} : { lookedUp }), result: { kind: "threw" } };
  }
}

function isWorthARun(trigger: InstanceTrigger, { ownerOf }: LookedUp): boolean {
  return ownerOf(trigger) === "ours" && !movesIntoWarmPool(trigger);
}

function statusOf(
  trigger: InstanceTrigger,
  { lookedUp, result }: Look,
  { settings }: RememberingPorts,
): InstanceStatus {
  const group = trigger.hook?.autoScalingGroup;
  const isNamed = group !== undefined && settings.autoScalingGroups.includes(group);
  if (lookedUp === undefined) return isNamed ? "failed" : "unknown";
  const owner = lookedUp.ownerOf(trigger);
  if (owner === "other-cluster" || owner === "not-ours") return owner;
  if (owner === "unknown") return result.kind === "released" && isNamed ? "unfit" : "unknown";
  if (movesIntoWarmPool(trigger)) return "unfit";
  switch (result.kind) {
    case "done": {
      const { snapshot, report } = result.reconciliation;
      return instanceStatusOf(trigger.instanceId, snapshot.instances, report);
    }
    case "threw":
      return "failed";
    case "released":
    case "nothing":
      // Break-glass: no machine is held up, and none is turned away, for an endpoint that nobody wants now.
      return "unfit";
  }
}

function outcomeOf(
  trigger: Trigger,
  look: Look,
  answer: HookAnswer | undefined,
  ports: RememberingPorts,
): RecordOutcome {
  const { result, lookedUp } = look;
  if (answer?.gotThrough === false) return { kind: "answer-failed" };
  if (trigger.kind === "instance") {
    const isLost = result.kind === "threw" && (lookedUp === undefined || isWorthARun(trigger, lookedUp));
    if (isLost) return { kind: "snapshot-threw" };
    const status = statusOf(trigger, look, ports);
    if (result.kind === "released" && status === "unfit") return { kind: "released" };
    return { kind: "instance", status, ...(answer === undefined ? {} : { completion: answer.completion }) };
  }
  switch (result.kind) {
    case "done":
      return { kind: "run", status: result.reconciliation.report.status };
    case "threw":
      return { kind: "snapshot-threw" };
    case "released":
    case "nothing":
      return { kind: "released" };
  }
}
