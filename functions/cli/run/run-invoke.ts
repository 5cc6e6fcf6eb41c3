/** `hepctl invoke`: asks the deployed function, prints what the local command would. */
import type { Diagnosis } from "../../../lib/doctor/diagnosis.ts";
import type { Settings } from "../../../lib/config/settings.ts";
import { wantedHooks } from "../../../lib/lifecycle/wanted-hooks.ts";
import { UsageError } from "../../../lib/model/errors.ts";
import type { Report, ReportStatus } from "../../../lib/model/report.ts";
import { reconcileFunctionName, releaseFunctionName } from "../../../lib/names/names.ts";
import { callFunction } from "../../shared/compose-eks.ts";
import type { CliContext, GlobalOptions, Invocation } from "../arguments/command.ts";
import { confirm } from "../input/confirm.ts";
import { EXIT, exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { listenForInterruption } from "../input/interruption.ts";
import { nodeTriggers } from "./node-triggers.ts";
import { formatDiagnosis } from "../output/format-diagnosis.ts";
import { formatReport } from "../output/format-report.ts";
import { openLog } from "../output/log.ts";
import { printResult } from "../output/print-result.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { regionOf } from "./with-cluster.ts";

export async function runInvoke(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const { global } = invocation;
  const { settings, notes, logLevel } = await loadSettings(global, context.environment);
  for (const note of notes) openLog(context.terminal.err, logLevel).info(`note: ${note}`);
  const cluster = global.cluster ?? settings.cluster?.name;
  if (cluster === undefined)
    throw new UsageError(
      "which cluster's function? add --cluster NAME, or --config with a file that names one",
    );
  refuseOther(global, settings);
  const action = invocation.arguments[0] ?? "";
  const region = regionOf(global, context.environment, settings);
  const called = {
    cluster,
    region,
    functionName: invocation.text("function") ?? functionName(action, cluster, settings),
  };
  const interruption = listenForInterruption();
  try {
    if (action === "release" && !invocation.flag("yes"))
      await confirm(
        `Give traffic back in ${nameOf(called)} and remove what we own there?`,
        context.terminal,
        interruption.asked,
      );
    if (action === "confirm-deletes" && !invocation.flag("yes"))
      await confirm(
        `Let all deletions go that wait in cluster ${cluster}${invocation.list("node").length === 0 ? "" : " for these nodes"}? "hepctl invoke plan" lists them`,
        context.terminal,
        interruption.asked,
      );
    const answer = await callFunction(
      {
        cluster,
        functionName: inAccount(called.functionName, global, settings),
        payload: payloadOf(action, cluster, settings, invocation),
        ...(region === undefined ? {} : { region }),
        ...(global.profile === undefined ? {} : { profile: global.profile }),
        ...(global.roleArn === undefined ? {} : { roleArn: global.roleArn }),
      },
      AbortSignal.any([AbortSignal.timeout(global.timeoutMilliseconds), interruption.asked]),
    );
    return await print(answer, called, invocation, context);
  } finally {
    interruption.release();
  }
}

type Called = {
  readonly cluster: string;
  readonly region: string | undefined;
  readonly functionName: string;
};

function nameOf({ cluster, region, functionName: name }: Called): string {
  return `EKS cluster ${cluster}${region === undefined ? "" : ` in ${region}`} (function ${name})`;
}

/** Settings of one cluster beside the name of another: whoever typed it means one of them, and `release` must not guess. */
function refuseOther({ cluster, region, force }: GlobalOptions, { cluster: settled }: Settings): void {
  if (settled === undefined || force === true) return;
  const isOther =
    (cluster !== undefined && cluster !== settled.name) ||
    (region !== undefined && region !== settled.region);
  if (isOther)
    throw new UsageError(
      `--config is for EKS cluster ${settled.name} in ${settled.region}, but the options say ${cluster ?? settled.name} in ${region ?? settled.region}; name the right one, or add --force`,
    );
}

/** With settings the function is that of their account: credentials of another one are refused by Lambda, with both accounts named. */
function inAccount(name: string, { force }: GlobalOptions, { cluster }: Settings): string {
  return cluster === undefined || force === true || name.includes(":")
    ? name
    : `${cluster.account}:function:${name}`;
}

function functionName(action: string, cluster: string, { id }: Settings): string {
  return action === "release" || action === "rearm" || action === "remove-hooks"
    ? releaseFunctionName(cluster, id)
    : reconcileFunctionName(cluster, id);
}

function payloadOf(action: string, cluster: string, settings: Settings, invocation: Invocation) {
  const nodes = invocation.list("node");
  nodeTriggers(nodes);
  const reason = invocation.text("reason");
  const why = reason === undefined ? {} : { reason };
  switch (action) {
    case "rearm":
      return { action, confirm: cluster, ...why };
    case "release":
      return { action, nodes, confirm: cluster, ...why };
    case "remove-hooks":
      return {
        action,
        confirm: cluster,
        ...(invocation.flag("unwanted") ? { keep: wantedPlaces(settings) } : {}),
        ...why,
      };
    case "confirm-deletes":
      return { action, nodes, until: untilOf(invocation), ...why };
    default:
      return { action, nodes, ...why };
  }
}

/** Where these settings want hooks of ours. */
function wantedPlaces(settings: Settings) {
  const isNone = wantedHooks(settings).length === 0;
  return {
    autoScalingGroups: isNone ? [] : settings.autoScalingGroups,
    managedNodeGroups: !isNone && settings.lifecycle.managedNodeGroups,
  };
}

function untilOf(invocation: Invocation): string {
  const until = invocation.text("until");
  if (until === undefined)
    throw new UsageError("until when does the confirmation hold? add --until 1h (at most 24h)");
  return until;
}

async function print(
  answer: unknown,
  called: Called,
  invocation: Invocation,
  { terminal }: CliContext,
): Promise<ExitCode> {
  const { output } = invocation.global;
  if (isReport(answer)) {
    const { cluster: name, region, functionName: asked } = called;
    const cluster = { eks: { name, ...(region === undefined ? {} : { region }) }, function: asked };
    await printResult(
      { cluster, ...answer },
      output,
      terminal.out,
      (it, stream) => `${stream.colors.bold(`On ${nameOf(called)}:`)}\n\n${formatReport(it, stream)}`,
    );
    return exitCodeOf(answer);
  }
  if (isDiagnosis(answer)) {
    await printResult(answer, output, terminal.out, formatDiagnosis);
    return answer.status === "healthy"
      ? EXIT.ok
      : answer.status === "findings"
        ? EXIT.attention
        : EXIT.failed;
  }
  await printResult(answer, output, terminal.out, (it) => sentenceOf(it));
  return fieldOf(answer, "status") === "partial" ? EXIT.attention : EXIT.ok;
}

/** `{"status": "armed", "detail": "sentence"}`, or whatever came. */
function sentenceOf(answer: unknown): string {
  const detail = fieldOf(answer, "detail");
  return typeof detail === "string" ? detail : JSON.stringify(answer, null, 2);
}

const statuses: readonly ReportStatus[] = ["converged", "waiting", "withheld", "partial", "failed"];

function isReport(answer: unknown): answer is Report {
  return (
    statuses.some((it) => it === fieldOf(answer, "status")) &&
    Array.isArray(fieldOf(answer, "actions")) &&
    Array.isArray(fieldOf(answer, "nodes"))
  );
}

function isDiagnosis(answer: unknown): answer is Diagnosis {
  return Array.isArray(fieldOf(answer, "hops")) && Array.isArray(fieldOf(answer, "findings"));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
