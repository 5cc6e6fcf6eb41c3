import { describe, expect, test } from "@jest/globals";
import { commands } from "../../../functions/cli/commands/registry.ts";
import { parseArguments } from "../../../functions/cli/arguments/parse-arguments.ts";

const sink = () => {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text), width: 120, isTerminal: false };
};

function parsed(...argv: readonly string[]) {
  const result = parseArguments(commands, argv, sink());
  if (result.kind === "answered") throw new Error("it was answered");
  return result;
}

describe("parseArguments", () => {
  test("global options may stand before and after the command", () => {
    for (const argv of [
      ["--context", "kind", "plan", "-o", "json"],
      ["plan", "--context", "kind", "--output=json"],
    ]) {
      expect(parsed(...argv)).toMatchObject({
        command: { name: "plan" },
        invocation: { global: { context: "kind", output: "json" } },
      });
    }
  });

  test("a repeatable option gathers, sorted and once each", () => {
    expect(parsed("plan", "--node", "b", "--node", "a", "--node", "b").invocation.list("node")).toEqual([
      "a",
      "b",
    ]);
  });

  test("--every with and without a value", () => {
    expect(parsed("reconcile", "--every", "30s").invocation.text("every")).toBe("30s");
    const bare = parsed("reconcile", "--every").invocation;
    expect({ text: bare.text("every"), flag: bare.flag("every") }).toEqual({ text: undefined, flag: true });
    expect(parsed("reconcile").invocation.flag("every")).toBe(false);
  });

  test("defaults: a table, five minutes", () => {
    expect(parsed("plan").invocation.global).toEqual({ output: "table", timeoutMilliseconds: 300_000 });
  });

  test.each(commands.filter((it) => it.hidden !== true).map((it) => [it.name, it] as const))(
    "the help of %s has examples and exit codes, each line a person can read",
    (name, command) => {
      const out = sink();
      expect(parseArguments(commands, [name, "--help"], out).kind).toBe("answered");
      const text = out.written.join("");
      for (const { command: line } of command.examples) expect(text).toContain(`  ${line}\n`);
      expect(command.examples.length).toBeGreaterThan(0);
      expect(text).toContain("Exit codes: 0 ");
      expect(text).toContain("--kubeconfig <file>");
    },
  );

  test("every example parses", () => {
    for (const { command } of commands.flatMap((it) => it.examples)) {
      const words = command
        .replace(/^source <\(|\)$/g, "")
        .replace(/ [|>].*$/, "")
        .split(" ")
        .filter((it) => it !== "");
      expect(() => parseArguments(commands, words.slice(1), sink())).not.toThrow();
    }
  });

  test("help lists every command and hides what is not for people", () => {
    const out = sink();
    parseArguments(commands, ["--help"], out);
    const text = out.written.join("");
    for (const { name, summary, hidden } of commands)
      expect(text.includes(summary) && text.includes(`\n  ${name}`)).toBe(hidden !== true);
  });
});
