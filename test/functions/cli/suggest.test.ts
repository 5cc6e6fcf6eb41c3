import { expect, test } from "@jest/globals";
import { commands } from "../../../functions/cli/commands/registry.ts";
import { suggest } from "../../../functions/cli/arguments/suggest.ts";

test.each<[string, readonly string[], readonly string[]]>([
  ["commands", ["re"], ["reconcile", "release"]],
  ["commands after a global option with a value", ["--context", "x", "pl"], ["plan"]],
  ["options of the command and global ones", ["plan", "--no"], ["--node", "--no-color"]],
  ["choices of an option", ["plan", "-o", ""], ["table", "json", "yaml", "markdown", "junit", "sarif"]],
  ["choices after =", ["plan", "--output=j"], ["--output=json", "--output=junit"]],
  ["as bash breaks it at =", ["plan", "--output", "=", "j"], ["json", "junit"]],
  ["choices of an argument", ["invoke", "re"], ["reconcile", "release", "rearm", "remove-hooks"]],
  ["nothing where nothing is known", ["explain", ""], []],
  ["not the hidden one", ["compl"], ["completion"]],
])("suggests %s", (_what, words, expected) => {
  expect(suggest(words, commands).suggestions.map((it) => it.value)).toEqual(expected);
});

test("files for options that take one, and nowhere else", () => {
  expect(suggest(["plan", "--config", ""], commands).files).toBe(true);
  expect(suggest(["plan", "--config=", ""], commands).files).toBe(false);
  expect(suggest(["plan", ""], commands).files).toBe(false);
});
