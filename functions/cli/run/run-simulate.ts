import { UsageError } from "../../../lib/model/errors.ts";
import { prepareLiveWorld } from "../../../lib/simulate/prepare-live-world.ts";
import {
  prepareWorld,
  simulate,
  type PreparedWorld,
  type JudgedAnswer,
  type SimulatedFlow,
} from "../../../lib/simulate/simulate.ts";
import { clock } from "../../shared/compose-cli.ts";
import { versioned } from "../../shared/versioned.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { parseFlowsFile, type WrittenFlow } from "../input/flows-file.ts";
import { answersAsJunit } from "../output/answers-as-junit.ts";
import { formatColumns } from "../output/columns.ts";
import { printResult } from "../output/print-result.ts";
import type { Stream } from "../output/terminal.ts";
import { readInput, readWorldFiles } from "../input/read-world.ts";
import { withCluster } from "./with-cluster.ts";

/** Asks, prints, and answers whether every verdict is as expected (`--expect`), or was not asked to be. */
export async function runSimulate(
  invocation: Invocation,
  context: CliContext,
): Promise<"as-expected" | "differs"> {
  const { terminal } = context;
  const file = invocation.text("flows");
  if (file === undefined)
    throw new UsageError("simulate needs --flows FILE: a JSON array or JSON lines of flows");
  const { flows, problems } = parseFlowsFile(await readInput(file), file);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  const isTest = invocation.flag("expect");
  if (isTest && flows.every((it) => it.expect === undefined))
    throw new UsageError(
      `--expect: no flow of ${file} says what it expects; give at least one "expect": "allow", "deny" or "unknown"`,
    );
  const { output } = invocation.global;
  if (output === "junit" && !isTest)
    throw new UsageError("-o junit is for tests of flows: give --expect too");
  const { world, notes } = await readWorld(invocation, context);
  for (const note of notes) terminal.err.write(`note: ${note}\n`);
  const answers = simulate(
    world,
    flows.map((it) => it.flow),
    { path: output !== "table" },
  );
  const judged: readonly JudgedAnswer[] = isTest ? judgeAnswers(answers, flows) : answers;
  if (output === "json") printLines(judged, terminal.out);
  else if (output === "junit") terminal.out.write(`${answersAsJunit(judged)}\n`);
  else await printResult(judged, output, terminal.out, formatAnswers);
  const differing = judged.filter((it) => it.expected !== undefined && it.expected !== it.verdict);
  if (isTest) terminal.err.write(sayTested(judged, differing, terminal.err));
  return differing.length === 0 ? "as-expected" : "differs";
}

function judgeAnswers(
  answers: readonly SimulatedFlow[],
  flows: readonly WrittenFlow[],
): readonly JudgedAnswer[] {
  return answers.map((it, index) => {
    const expected = flows[index]?.expect;
    return expected === undefined ? it : { ...it, expected };
  });
}

function sayTested(
  answers: readonly JudgedAnswer[],
  differing: readonly JudgedAnswer[],
  { colors }: Stream,
): string {
  const tested = answers.filter((it) => it.expected !== undefined).length;
  if (differing.length === 0) return `${colors.green(`${tested} flows as expected.`)}\n`;
  const most = 20;
  const lines = differing
    .slice(0, most)
    .map((it) => `  ${it.id}: expected ${it.expected ?? ""}, got ${it.verdict} (${it.reason})`);
  const rest = differing.length - most;
  return [
    colors.red(`${differing.length} of ${tested} flows are not as expected:`),
    ...lines,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
    "",
  ].join("\n");
}

async function readWorld(invocation: Invocation, context: CliContext): Promise<PreparedWorld> {
  const files = invocation.list("world");
  if (files.length > 0) return prepareWorld(await readWorldFiles(files, invocation.flag("lenient")));
  return withCluster(invocation, context, ({ connection, deadline }) =>
    prepareLiveWorld({ cluster: connection.gateway, clock }, deadline()),
  );
}

/** One array; one line for each flow, in parts, so that a million of them need not fit into one string. */
function printLines(answers: readonly JudgedAnswer[], out: Stream): void {
  const chunk = 5_000;
  out.write("[");
  for (let start = 0; start < answers.length; start += chunk) {
    const lines = answers.slice(start, start + chunk).map((it) => JSON.stringify(versioned(it)));
    out.write(`${start === 0 ? "\n" : ",\n"}${lines.join(",\n")}`);
  }
  out.write("\n]\n");
}

function formatAnswers(answers: readonly JudgedAnswer[], out: Stream): string {
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
