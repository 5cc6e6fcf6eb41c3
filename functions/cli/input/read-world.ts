import { readFile } from "node:fs/promises";
import { UsageError } from "../../../lib/model/errors.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { parseWorldFile } from "./world-file.ts";

/** @throws UsageError that names file, document and line of everything that is wrong. */
export async function readWorldFiles(files: readonly string[]): Promise<readonly KubernetesObject[]> {
  const read = await Promise.all(files.map(async (file) => parseWorldFile(await readInput(file), file)));
  const problems = read.flatMap((it) => it.problems);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return read.flatMap((it) => it.objects);
}

/** The text of a file, or of stdin for `-`. @throws UsageError when it cannot be read. */
export async function readInput(file: string): Promise<string> {
  try {
    if (file !== "-") return await readFile(file, "utf8");
    const parts: Buffer[] = [];
    for await (const part of process.stdin) parts.push(part as Buffer);
    return Buffer.concat(parts).toString("utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
