import { LineCounter, parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { isJsonObject } from "../../../lib/model/read-json.ts";

/** The objects of a world file, and what is wrong with it; with problems the objects must not be used. */
export type WorldFile = {
  readonly objects: readonly KubernetesObject[];
  /** Line of the document that each of the objects is from, counted from 1. */
  readonly lines: readonly number[];
  readonly problems: readonly string[];
};

/**
 * Reads multi-document YAML or JSON of Kubernetes objects: comments, `kind: List`, and JSON arrays are fine. Every problem
 * names the file, the document (counted from 1) and the line. Empty documents are skipped.
 */
export function parseWorldFile(text: string, fileName: string): WorldFile {
  if (text.length > LARGE) {
    const large = parseLarge(text, fileName);
    if (large !== undefined) return large;
  }
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, uniqueKeys: true });
  const objects: KubernetesObject[] = [];
  const lines: number[] = [];
  const problems: string[] = [];
  if (!Array.isArray(documents)) return { objects, lines, problems };
  for (const [index, document] of documents.entries()) {
    const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
    const place = (offset: number): string => `${fileName}, document ${index + 1}, line ${lineAt(offset)}`;
    const [error] = document.errors;
    if (error !== undefined) {
      problems.push(`${place(error.pos[0])}: ${firstLine(error.message)}`);
      continue;
    }
    const start = document.contents?.range?.[0] ?? document.range[0];
    for (const value of flatten(valueOf(document))) {
      if (value === null || value === undefined) continue;
      const problem = problemOf(value);
      if (problem === undefined) {
        objects.push(value as KubernetesObject);
        lines.push(lineAt(start));
      } else problems.push(`${place(start)}: ${problem}`);
    }
  }
  return { objects, lines, problems };
}

/** From here on JSON is read as JSON, which is a hundred times faster; YAML is read up to eight times that. */
const LARGE = 1_000_000;
const MOST_YAML = 8_000_000;

/** Undefined: it is YAML of a size that can be read. */
function parseLarge(text: string, fileName: string): WorldFile | undefined {
  try {
    const objects: KubernetesObject[] = [];
    const problems: string[] = [];
    for (const value of flatten(JSON.parse(text) as unknown)) {
      if (value === null || value === undefined) continue;
      const problem = problemOf(value);
      if (problem === undefined) objects.push(value as KubernetesObject);
      else problems.push(`${fileName}: ${problem}`);
    }
    return { objects, lines: objects.map(() => 1), problems };
  } catch {
    if (text.length <= MOST_YAML) return undefined;
    const problem = `${fileName}: it has ${text.length} characters, YAML at most ${MOST_YAML}; write it as JSON (kubectl get -o json), which may be larger, or as several files`;
    return { objects: [], lines: [], problems: [problem] };
  }
}

function valueOf(document: { toJS: (options: { maxAliasCount: number }) => unknown }): unknown {
  try {
    // Aliases are plain YAML, but a file that multiplies them must not eat the memory.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return error instanceof Error ? error.message : "cannot be read";
  }
}

function flatten(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  if (
    isJsonObject(value) &&
    typeof value["kind"] === "string" &&
    value["kind"].endsWith("List") &&
    Array.isArray(value["items"])
  ) {
    return value["items"].flatMap(flatten);
  }
  return [value];
}

function problemOf(value: unknown): string | undefined {
  if (!isJsonObject(value))
    return `expected a Kubernetes object, found ${typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeof value}`;
  if (typeof value["kind"] !== "string" || value["kind"] === "") return "the object has no kind";
  if (typeof value["apiVersion"] !== "string" || value["apiVersion"] === "")
    return `the ${value["kind"]} has no apiVersion`;
  const metadata = value["metadata"];
  if (!isJsonObject(metadata) || typeof metadata["name"] !== "string" || metadata["name"] === "")
    return `the ${value["kind"]} has no metadata.name`;
  const name = `${value["kind"]}/${metadata["name"]}`;
  for (const key of ["labels", "annotations"] as const) {
    const map = metadata[key];
    if (map === undefined || map === null) continue;
    if (!isJsonObject(map)) return `${name}: metadata.${key} must be a map`;
    const wrong = Object.entries(map).find(([, member]) => typeof member !== "string" && member !== null);
    if (wrong !== undefined) return `${name}: metadata.${key}.${wrong[0]} must be a string; put it in quotes`;
  }
  for (const key of ["spec", "status"] as const) {
    const part = value[key];
    if (part !== undefined && part !== null && !isJsonObject(part)) return `${name}: ${key} must be a map`;
  }
  return undefined;
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? text).replace(/ at line \d+, column \d+:?$/, "");
}
