import type { Flow } from "../../../lib/model/flow.ts";
import { isJsonObject } from "../../../lib/model/read-json.ts";

/** The flows of a file, and what is wrong with it; with problems the flows must not be used. */
export type FlowsFile = { readonly flows: readonly Flow[]; readonly problems: readonly string[] };

/**
 * Reads flows: one JSON array, or JSON lines (empty lines and lines that start with `#` or `//` are skipped). Problems
 * name the file and the line, or the position in the array. Whether a flow makes sense is for `verdictFor` to say.
 */
export function parseFlowsFile(text: string, fileName: string): FlowsFile {
  const trimmed = text.trimStart();
  return trimmed.startsWith("[") ? parseArray(text, fileName) : parseLines(text, fileName);
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
  return { flows: collected.flows, problems: [...problems, ...collected.problems] };
}

function collect(values: readonly { readonly value: unknown; readonly place: string }[]): FlowsFile {
  const flows: Flow[] = [];
  const problems: string[] = [];
  for (const { value, place } of values) {
    const problem = problemOf(value);
    if (problem === undefined) flows.push(value as Flow);
    else problems.push(`${place}: ${problem}`);
  }
  return { flows, problems };
}

/** Only the shape: a verdict cannot even be asked without it. */
function problemOf(value: unknown): string | undefined {
  if (!isJsonObject(value)) return "expected an object";
  if (typeof value["node"] !== "string") return "node must be the name of a node";
  if (typeof value["direction"] !== "string") return "direction must be ingress, egress, forward or local";
  if (typeof value["protocol"] !== "string" && typeof value["protocol"] !== "number")
    return "protocol must be a name or a number";
  for (const key of ["source", "destination"] as const) {
    const end = value[key];
    if (!isJsonObject(end) || typeof end["ip"] !== "string") return `${key} must be an object with an ip`;
    const portProblem = wrongNumber(end["port"], `${key}.port`);
    if (portProblem !== undefined) return portProblem;
  }
  const { dnat, icmp } = value;
  if (dnat !== undefined && dnat !== null) {
    if (!isJsonObject(dnat) || typeof dnat["ip"] !== "string") return "dnat must be an object with an ip";
    const portProblem = wrongNumber(dnat["port"], "dnat.port");
    if (portProblem !== undefined) return portProblem;
  }
  if (icmp !== undefined && icmp !== null && (!isJsonObject(icmp) || typeof icmp["type"] !== "number"))
    return "icmp must be an object with a type";
  for (const key of ["id", "interface", "outInterface"] as const) {
    const text = value[key];
    if (text !== undefined && text !== null && typeof text !== "string") return `${key} must be a string`;
  }
  return undefined;
}

function wrongNumber(value: unknown, name: string): string | undefined {
  return value === undefined || value === null || typeof value === "number"
    ? undefined
    : `${name} must be a number`;
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
