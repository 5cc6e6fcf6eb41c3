import { UsageError } from "../../../lib/model/errors.ts";
import { prepareLiveWorld } from "../../../lib/simulate/prepare-live-world.ts";
import {
  prepareWorld,
  simulate,
  type PreparedWorld,
  type SimulatedFlow,
} from "../../../lib/simulate/simulate.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { parseFlowsFile } from "../input/flows-file.ts";
import { formatColumns } from "../output/columns.ts";
import { printResult } from "../output/print-result.ts";
import type { Stream } from "../output/terminal.ts";
import { readInput, readWorldFiles } from "../input/read-world.ts";
import { withCluster } from "./with-cluster.ts";

export async function runSimulate(invocation: Invocation, context: CliContext): Promise<void> {
  const { terminal } = context;
  const file = invocation.text("flows");
  if (file === undefined)
    throw new UsageError("simulate needs --flows FILE: a JSON array or JSON lines of flows");
  const { flows, problems } = parseFlowsFile(await readInput(file), file);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  const { world, notes } = await readWorld(invocation, context);
  for (const note of notes) terminal.err.write(`note: ${note}\n`);
  const { output } = invocation.global;
  const answers = simulate(world, flows, { path: output !== "table" });
  if (output === "json") printLines(answers, terminal.out);
  else await printResult(answers, output, terminal.out, formatAnswers);
}

async function readWorld(invocation: Invocation, context: CliContext): Promise<PreparedWorld> {
  const files = invocation.list("world");
  if (files.length > 0) return prepareWorld(await readWorldFiles(files));
  return withCluster(invocation, context, ({ connection, deadline }) =>
    prepareLiveWorld({ cluster: connection.gateway, clock }, deadline()),
  );
}

/** One array; one line for each flow, in parts, so that a million of them need not fit into one string. */
function printLines(answers: readonly SimulatedFlow[], out: Stream): void {
  const chunk = 5_000;
  out.write("[");
  for (let start = 0; start < answers.length; start += chunk) {
    const lines = answers.slice(start, start + chunk).map((it) => JSON.stringify(it));
    out.write(`${start === 0 ? "\n" : ",\n"}${lines.join(",\n")}`);
  }
  out.write("\n]\n");
}

function formatAnswers(answers: readonly SimulatedFlow[], out: Stream): string {
  const { green, red, yellow } = out.colors;
  const color = { allow: green, deny: red, unknown: yellow } as const;
  return formatColumns(
    answers,
    [
      { title: "FLOW", value: (it) => it.id },
      { title: "VERDICT", value: (it) => color[it.verdict](it.verdict) + answerOf(it, out) },
      { title: "REASON", value: (it) => it.reason },
      { title: "DECIDED BY", value: decider },
    ],
    out.width,
  );
}

/** A request that gets through is no flow while its answer does not: who reads a table must not miss that. */
function answerOf({ verdict, reply }: SimulatedFlow, { colors }: Stream): string {
  if (verdict !== "allow" || reply === undefined || reply.verdict === "allow") return "";
  return reply.verdict === "deny"
    ? colors.red(", but its answers are stopped")
    : colors.yellow(", but its answers may be stopped");
}

function decider({ decidedBy }: SimulatedFlow): string {
  const { hook, tier, policy, rule, profile, hostEndpoint } = decidedBy;
  return [
    hook,
    hostEndpoint === undefined ? undefined : `HostEndpoint/${hostEndpoint}`,
    tier === undefined ? undefined : policy === undefined ? `end of tier ${tier}` : `${tier}/${policy}`,
    rule === undefined ? undefined : `rule ${rule}`,
    profile,
  ]
    .filter((it) => it !== undefined)
    .join(" ");
}
