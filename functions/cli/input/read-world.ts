import { readFile, stat } from "node:fs/promises";
import { UsageError } from "../../../lib/model/errors.ts";
import { unknownFields } from "../../../lib/policy/validation/unknown-fields.ts";
import { isServed } from "../../../lib/world/complete-manifest.ts";
import { settleFiles, type FileObjects } from "../../../lib/world/settle-files.ts";
import { parseWorldFile, type WorldFile } from "./world-file.ts";

/**
 * The objects of files in the order in which they are named: a later one replaces what an earlier one says.
 * @param lenient fields that nobody knows are told later, not refused
 * @throws UsageError that names file, document and line of everything that is wrong.
 */
export async function readWorldFiles(files: readonly string[], lenient = false): Promise<FileObjects> {
  const read = await Promise.all(files.map((file) => readObjects(file, lenient)));
  const problems = read.flatMap((it) => it.problems);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return settleFiles(read.map((it) => it.objects));
}

/** The objects of one file, and what is wrong with it. @throws UsageError when it cannot be read. */
export async function readObjects(file: string, lenient: boolean): Promise<WorldFile> {
  const read = parseWorldFile(await readInput(file), file);
  return lenient ? read : { ...read, problems: [...read.problems, ...fieldProblems(read, file)] };
}

/** More would only hide the first. */
const MOST_PROBLEMS = 10;

/**
 * Fields that a person wrote and nobody reads. What an API server has served is another matter: it may be of a newer Calico than
 * is known here, and is told only.
 */
function fieldProblems({ objects, lines }: WorldFile, file: string): readonly string[] {
  const problems = objects.flatMap((object, index) =>
    isServed(object)
      ? []
      : unknownFields(object).map(
          ({ path, meant }) =>
            `${file}, line ${lines[index] ?? 1}: ${object.kind}/${object.metadata.name}: there is no field ${path}${meant === undefined ? "" : `, did you mean ${meant}?`}`,
        ),
  );
  const rest = problems.length - MOST_PROBLEMS;
  return rest > 0
    ? [
        ...problems.slice(0, MOST_PROBLEMS),
        `${rest} more fields that do not exist (--lenient leaves them out)`,
      ]
    : problems;
}

/** What fits into the memory of a small machine, and below the longest string that there is. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The text of a file, or of stdin for `-`. @throws UsageError when it cannot be read, or is larger than 256 MiB. */
export async function readInput(file: string): Promise<string> {
  try {
    if (file !== "-") {
      const { size } = await stat(file);
      if (size > MOST_BYTES) throw tooLarge(file);
      return await readFile(file, "utf8");
    }
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of process.stdin) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      if (size > MOST_BYTES) throw tooLarge("stdin");
    }
    return Buffer.concat(parts).toString("utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tooLarge(file: string): UsageError {
  return new UsageError(`${file}: more than ${MOST_BYTES / 1024 / 1024} MiB; hand in several files`);
}
