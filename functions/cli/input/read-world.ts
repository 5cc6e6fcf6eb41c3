import { readFile } from "node:fs/promises";
import { UsageError } from "../../../lib/model/errors.ts";
import { settleFiles, type FileObjects } from "../../../lib/world/settle-files.ts";
import { parseWorldFile } from "./world-file.ts";

/**
 * The objects of files in the order in which they are named: a later one replaces what an earlier one says.
 * @throws UsageError that names file, document and line of everything that is wrong.
 */
export async function readWorldFiles(files: readonly string[]): Promise<FileObjects> {
  const read = await Promise.all(files.map(async (file) => parseWorldFile(await readInput(file), file)));
  const problems = read.flatMap((it) => it.problems);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return settleFiles(read.map((it) => it.objects));
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
