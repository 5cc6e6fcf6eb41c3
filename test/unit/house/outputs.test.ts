import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { commands } from "../../../functions/cli/commands/registry.ts";
import { OUTPUTS } from "../../../functions/local/docs/output-shapes.ts";
import { versioned } from "../../../functions/shared/versioned.ts";

/** Commands whose output is another's, or no JSON at all, with the reason. */
const WITHOUT_SCHEMA = {
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

/** The rows of docs/output.md, "Command line": the commands and options of the first cell, and whether it says that they are to come. */
function promisedRows() {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "output.md"), "utf8");
  const table = page.slice(page.indexOf("## Command line"), page.indexOf("Order that a user gives"));
  return table
    .split("\n")
    .filter((it) => it.startsWith("| `"))
    .map((row) => {
      const [, first = "", does = ""] = row.replaceAll("\\|", "/").split("|");
      const spoken = [...first.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
      return { spoken, toCome: does.includes("(not built yet)") };
    });
}

test("docs/output.md promises commands and options that exist, and says which are to come", () => {
  const exists = (text: string): boolean => {
    const [name = "", ...words] = text.split(" ");
    const command = commands.find((it) => it.name === name);
    const flags = (command?.options ?? []).map((it) => it.flags).join(" ");
    const own = words.flatMap((it) => /^\[?(--[a-z-]+)/.exec(it)?.[1] ?? []);
    const global = ["--cluster", "--region", "--profile", "--kubeconfig"];
    return command !== undefined && own.every((it) => global.includes(it) || flags.includes(it));
  };
  const rows = promisedRows();
  expect(rows.length).toBeGreaterThan(12);
  for (const { spoken, toCome } of rows)
    for (const text of spoken) expect({ text, exists: exists(text) }).toEqual({ text, exists: !toCome });
});
