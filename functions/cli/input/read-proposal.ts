import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../../lib/model/errors.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { DELETABLE, type ObjectName } from "../../../lib/impact/apply-proposal.ts";
import { readObjects } from "./read-world.ts";

/** Objects that a person is about to apply, and where each is written. */
export type ProposalFiles = {
  readonly files: readonly (readonly KubernetesObject[])[];
  /** `Kind/name` -> the last place where it stands. */
  readonly places: ReadonlyMap<string, Place>;
};
export type Place = { readonly file: string; readonly line: number };

/** More would hardly be meant. */
const MOST_FILES = 10_000;
const MANIFEST = /\.(ya?ml|json)$/i;

/** @throws UsageError that names file, document and line of everything that is wrong. */
export async function readProposal(
  files: readonly string[],
  directories: readonly string[],
  lenient: boolean,
): Promise<ProposalFiles> {
  const below = await Promise.all(directories.map(manifestsBelow));
  const names = [...files, ...below.flat()];
  const read = await Promise.all(
    names.map(async (file) => ({ file, ...(await readObjects(file, lenient)) })),
  );
  const problems = read.flatMap((it) => it.problems);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return {
    files: read.map((it) => it.objects),
    places: new Map(
      read.flatMap(({ file, objects, lines }) =>
        objects.map(
          (it, index) => [`${it.kind}/${it.metadata.name}`, { file, line: lines[index] ?? 1 }] as const,
        ),
      ),
    ),
  };
}

async function manifestsBelow(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((it) => it.isFile() && MANIFEST.test(it.name))
      .map((it) => join(it.parentPath, it.name))
      .sort();
    if (files.length === 0) throw new UsageError(`${directory} has no .yaml, .yml or .json file`);
    if (files.length > MOST_FILES)
      throw new UsageError(
        `${directory} has ${files.length} manifests, more than ${MOST_FILES}; name a smaller one`,
      );
    return files;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${directory} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** `GlobalNetworkPolicy/allow-ssh`; the kind in any case. @throws UsageError for anything else. */
export function parseObjectName(text: string): ObjectName {
  const [kind = "", name = "", ...rest] = text.split("/");
  const known = DELETABLE.find((it) => it.toLowerCase() === kind.toLowerCase());
  if (known !== undefined && name !== "" && rest.length === 0) return { kind: known, name };
  if (known === undefined && kind !== "" && name !== "")
    throw new UsageError(
      `--delete ${text.slice(0, 80)}: ${kind.slice(0, 40)} is no kind that is looked at here; it takes ${DELETABLE.join(", ")}`,
    );
  throw new UsageError(
    `--delete ${text.slice(0, 80)}: write KIND/NAME, such as GlobalNetworkPolicy/allow-ssh`,
  );
}
