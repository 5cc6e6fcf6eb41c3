import { expect, test } from "@jest/globals";
import { commands } from "../../../functions/cli/commands/registry.ts";
import { OUTPUTS } from "../../../functions/local/docs/output-shapes.ts";
import { versioned } from "../../../functions/shared/versioned.ts";

/** Commands whose output is another's, or no JSON at all, with the reason. */
const WITHOUT_SCHEMA = {
  impact: "prints lib/impact's own shapes, of which some are other programs' (JUnit, SARIF)",
  import: "prints settings: infra/clusters/settings.schema.json",
  invoke: "prints what the function answers: that of the local command, or {status: skipped | armed, detail}",
  init: "says which file it wrote: {file, cluster, fillIn, notes, next}",
  completion: "prints a shell script",
  complete: "speaks to the shell",
} as const satisfies { readonly [command: string]: string };

test("every command has a published schema of its JSON, or a reason why not", () => {
  const described = Object.values(OUTPUTS).flatMap((it) => it.of as readonly string[]);
  const known = [...described, ...Object.keys(WITHOUT_SCHEMA)].sort();
  expect(known).toEqual(commands.map((it) => it.name).sort());
});

test("the version stands first, in every entry of a list, and an answer that has one keeps it", () => {
  expect(Object.keys(versioned({ status: "x" }))).toEqual(["formatVersion", "status"]);
  expect(versioned([{ id: "a" }, { id: "b" }])).toEqual([
    { formatVersion: 1, id: "a" },
    { formatVersion: 1, id: "b" },
  ]);
  expect(versioned({ formatVersion: 2 })).toEqual({ formatVersion: 2 });
});
