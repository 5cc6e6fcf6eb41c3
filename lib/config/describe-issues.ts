import * as z from "zod";
import { closestWord } from "../model/closest-word.ts";

/**
 * What a schema has against a value: each problem as `path: what is wrong`, unknown keys with the one that was meant.
 *
 * @param whole what the value is called where the path is empty
 */
export function describeIssues(error: z.ZodError, schema: z.ZodType, whole: string): readonly string[] {
  return error.issues.flatMap((issue) => describe(issue, schema, whole));
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, whole: string): readonly string[] {
  const path = formatPath(issue.path);
  if (issue.code !== "unrecognized_keys") return [`${path === "" ? whole : path}: ${issue.message}`];
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const meant = closestWord(key, known);
    const hint = meant === undefined ? "" : `, did you mean ${meant}?`;
    return `${path === "" ? key : `${path}.${key}`}: unknown key${hint}`;
  });
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** As much of JSON Schema as a path through objects and lists needs. */
type Shape = {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
};

/** The keys that the schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let shapes: readonly Shape[] = [z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape];
  for (const part of path)
    shapes = shapes
      .flatMap(alternatives)
      .flatMap((it) => (typeof part === "number" ? it.items : it.properties?.[String(part)]) ?? []);
  return shapes.flatMap(alternatives).flatMap((it) => Object.keys(it.properties ?? {}));
}

function alternatives(shape: Shape): readonly Shape[] {
  return [shape, ...(shape.anyOf ?? []).flatMap(alternatives)];
}
