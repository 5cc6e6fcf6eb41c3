import type * as z from "zod";
import { describeIssues } from "../../../lib/config/describe-issues.ts";
import type { Flow } from "../../../lib/model/flow.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import { flowSchema } from "./flow-schema.ts";

/** A flow, and the verdict that its author expects. */
export type WrittenFlow = { readonly flow: Flow; readonly expect?: Verdict["verdict"] };

/** The flows of a file, and what is wrong with it; with problems the flows must not be used. */
export type FlowsFile = { readonly flows: readonly WrittenFlow[]; readonly problems: readonly string[] };

/**
 * Reads flows: one JSON array, or JSON lines (empty lines and lines that start with `#` or `//` are skipped). Problems
 * name the file, the line or the position in the array, and the field; what is said of them is bounded.
 */
export function parseFlowsFile(text: string, fileName: string): FlowsFile {
  const trimmed = text.replace(/^\uFEFF/, "").trimStart();
  return trimmed.startsWith("[") ? parseArray(trimmed, fileName) : parseLines(trimmed, fileName);
}

function parseArray(text: string, fileName: string): FlowsFile {
  const parsed = parseJson(text);
  if ("error" in parsed)
    return { flows: [], problems: [`${fileName}, line ${lineOf(text, parsed.error)}: ${parsed.error}`] };
  const values = Array.isArray(parsed.value) ? (parsed.value as readonly unknown[]) : [parsed.value];
  return collect(values.map((value, index) => ({ value, place: `${fileName}, flow ${index + 1}` })));
}

function parseLines(text: string, fileName: string): FlowsFile {
  const problems: string[] = [];
  const values: { value: unknown; place: string }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const place = `${fileName}, line ${index + 1}`;
    if (/^\s*($|#|\/\/)/.test(line)) continue;
    const parsed = parseJson(line);
    if ("error" in parsed) problems.push(`${place}: ${parsed.error}`);
    else values.push({ value: parsed.value, place });
  }
  const collected = collect(values);
  return { flows: collected.flows, problems: bounded([...problems, ...collected.problems]) };
}

function collect(values: readonly { readonly value: unknown; readonly place: string }[]): FlowsFile {
  const flows: WrittenFlow[] = [];
  const problems: string[] = [];
  for (const { value, place } of values) {
    const parsed = flowSchema.safeParse(value);
    if (parsed.success) flows.push(written(parsed.data));
    else problems.push(...describeIssues(parsed.error, flowSchema, "flow").map((it) => `${place}: ${it}`));
  }
  return { flows, problems: bounded(problems) };
}

function written({ expect, comment: _comment, ...rest }: z.infer<typeof flowSchema>): WrittenFlow {
  // What is null was not given.
  const flow = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Flow;
  return { flow, ...(expect === undefined ? {} : { expect }) };
}

/** More would only hide the first. */
const MOST_PROBLEMS = 10;

function bounded(problems: readonly string[]): readonly string[] {
  const rest = problems.length - MOST_PROBLEMS;
  return rest > 0 ? [...problems.slice(0, MOST_PROBLEMS), `and ${rest} more problems`] : problems;
}

function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: error instanceof Error ? error.message : "no JSON" };
  }
}

/** V8 names a position, sometimes a line; the line is what a person can use. */
function lineOf(text: string, message: string): number {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined
    ? text.split("\n").length
    : text.slice(0, Number(position)).split("\n").length;
}
