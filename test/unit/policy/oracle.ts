import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "@jest/globals";
import { parseWorldFile } from "../../../functions/cli/input/world-file.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { compileWorld } from "../../../lib/policy/world/compile-world.ts";
import type { World } from "../../../lib/policy/world/world.ts";

/** Recorded facts of real Calico; `HEP_ORACLE` points elsewhere. They do not ship with this repository. */
const FOLDER =
  process.env["HEP_ORACLE"] ?? fileURLToPath(new URL("../../../../shared/oracle", import.meta.url));

/** Runs the tests when the file of recorded facts is there; otherwise shows that they were skipped. */
export function describeOracle(file: string, body: () => void): void {
  if (existsSync(join(FOLDER, file))) describe(`oracle ${file}`, body);
  else
    describe(`oracle ${file}`, () =>
      test.skip(`skipped: ${join(FOLDER, file)} is not there`, () => undefined));
}

/** The recorded cases of a file. */
export function oracleCases<T>(file: string): readonly T[] {
  return readFileSync(join(FOLDER, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** The objects of a recorded world. */
export function oracleObjects(file: string): readonly KubernetesObject[] {
  const { objects, problems } = parseWorldFile(readFileSync(join(FOLDER, file), "utf8"), file);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return objects;
}

const worlds = new Map<string, World>();

/** A recorded world, compiled once. */
export function oracleWorld(file: string): World {
  const world = worlds.get(file) ?? compileWorld(oracleObjects(file));
  worlds.set(file, world);
  return world;
}

/** One line that says how far the agreement goes. */
export function printAgreement(file: string, total: number, agreed: number, unknown = 0): void {
  process.stdout.write(`oracle ${file}: ${agreed} of ${total} agree, ${unknown} unknown\n`);
}
