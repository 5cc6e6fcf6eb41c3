import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe } from "@jest/globals";
import { parseWorldFile } from "../../../functions/cli/input/world-file.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { aWorld } from "../../builders/a-world.ts";
import type { World } from "../../../lib/policy/world/world.ts";

/** Recorded facts of real Calico (test/oracle/README.md); `CALICO_ORACLE` names another folder with files of the same form. */
const RECORDED = join(import.meta.dirname, "..", "..", "oracle");
const FOLDER = process.env["CALICO_ORACLE"] ?? RECORDED;

/** Groups the tests of one file. They always run: a file that is not there fails them. */
export function describeOracle(file: string, body: () => void): void {
  describe(`oracle ${file}`, body);
}

/** The text of a file, plain or compressed. */
function oracleText(file: string): string {
  const plain = join(FOLDER, file);
  return existsSync(plain)
    ? readFileSync(plain, "utf8")
    : gunzipSync(readFileSync(`${plain}.gz`)).toString("utf8");
}

/** Go prints infinite orders as `Infinity`, which JSON does not have. */
function parseRecorded(line: string): unknown {
  return JSON.parse(line.replace(/([[:,]\s*)(-?)Infinity(?=\s*[,}\]])/g, "$1$21e999"));
}

/** The recorded cases of a file. */
export function oracleCases<T>(file: string): readonly T[] {
  return oracleText(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseRecorded(line) as T);
}

/** A case of `by-version`: what one version does with an input, where that differs from the newest state. */
export type VersionedCase<Input, Result> = {
  readonly id: string;
  readonly note: string;
  /** Cases that only tell versions apart hold their input; the others stand in the file of the newest state. */
  readonly case?: Input;
  readonly master?: Result;
  readonly same: readonly string[];
  readonly versions: Readonly<Record<string, Result>>;
  /** With names as Calico's own client stores them; `same` as in the newest state, or why there is none. */
  readonly client_named?: Readonly<Record<string, Result | string>>;
};
export const RUN_VERSIONS = ["v3.29.7", "v3.31.7", "v3.32.1"] as const;

/** One input with what one version does with it. */
export type VersionedInput<Input, Result> = {
  readonly id: string;
  readonly note: string;
  readonly input: Input & Partial<Result>;
  readonly result: Result;
};

/**
 * The inputs of a theme and what a version makes of them; `names` says how they are stored: as they stand in the case, or as
 * Calico's client stores them.
 */
export function versionedInputs<Input, Result>(
  theme: string,
  version: string,
  names: "as-they-stand" | "by-client" = "as-they-stand",
): readonly VersionedInput<Input, Result>[] {
  type Recorded = Input & Result & { readonly id: string };
  const newest = new Map(oracleCases<Recorded>(`${theme}.jsonl`).map((it) => [it.id, it]));
  return oracleCases<VersionedCase<Input, Result>>(`by-version/${theme}-by-version.jsonl`).flatMap((line) => {
    const known = newest.get(line.id);
    const input = line.case ?? known;
    const master = line.master ?? known;
    const stored = line.same.includes(version) ? master : line.versions[version];
    const told = line.client_named?.[version];
    const result = names === "as-they-stand" ? stored : told === "same" ? master : told;
    if (input === undefined || result === undefined || typeof result === "string") return [];
    return [{ id: line.id, note: line.note, input, result }];
  });
}

/** The texts of the recorded worlds that are kept in one file. */
const packedWorlds: { texts?: Readonly<Record<string, string>> } = {};

/** The text of a recorded world. */
export function worldText(file: string): string {
  if (existsSync(join(FOLDER, file))) return oracleText(file);
  packedWorlds.texts ??= JSON.parse(oracleText("worlds.json")) as Readonly<Record<string, string>>;
  const text = packedWorlds.texts[file.replace(/^worlds\//, "")];
  if (text === undefined) throw new Error(`${FOLDER} has no ${file}`);
  return text;
}

/** The objects of a recorded world. */
export function oracleObjects(file: string): readonly KubernetesObject[] {
  const { objects, problems } = parseWorldFile(worldText(file), file);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return objects;
}

const worlds = new Map<string, World>();

/** A recorded world, compiled once. */
export function oracleWorld(file: string): World {
  const world = worlds.get(file) ?? aWorld(oracleObjects(file));
  worlds.set(file, world);
  return world;
}

/** One line that says how far the agreement goes. */
export function printAgreement(file: string, total: number, agreed: number, unknown = 0): void {
  process.stdout.write(`oracle ${file}: ${agreed} of ${total} agree, ${unknown} unknown\n`);
}
