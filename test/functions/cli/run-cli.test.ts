import { expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { confirm } from "../../../functions/cli/input/confirm.ts";
import { readEnvironment } from "../../../functions/cli/input/environment.ts";
import type { Terminal } from "../../../functions/cli/output/terminal.ts";
import { openTerminal } from "../../../functions/cli/output/terminal.ts";
import { runCli } from "../../../functions/cli/run-cli.ts";
import { commands } from "../../../functions/cli/commands/registry.ts";
import { GatewayError } from "../../../lib/model/errors.ts";

function aTerminal(answer: string | undefined, interactive = true) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTerminal: interactive,
    width: 80,
    colors: picocolors.createColors(false),
  });
  const terminal: Terminal = {
    out: stream("out"),
    err: stream("err"),
    interactive,
    ask: () => Promise.resolve(answer),
  };
  return { terminal, written };
}

const signal = new AbortController().signal;
const environment = readEnvironment({});

test.each([
  ["yes", undefined],
  [" yes \n", undefined],
  ["y", "DeclinedError"],
  ["", "DeclinedError"],
  [undefined, "DeclinedError"],
])("the answer %j to a question", async (answer, error) => {
  const outcome = await confirm("Sure?", aTerminal(answer).terminal, signal).catch(
    (thrown: Error) => thrown.name,
  );
  expect(outcome).toBe(error);
});

test("with nobody to ask it says to add --yes", async () => {
  await expect(confirm("Sure?", aTerminal("yes", false).terminal, signal)).rejects.toThrow(/--yes/);
});

test.each<[string, Error, number, RegExp]>([
  [
    "an internal error",
    new TypeError("x is\nundefined"),
    70,
    /^hepctl rbac: internal error: x is undefined; run it again with "--log-level debug"/,
  ],
  ["an error of a gateway", new GatewayError("list nodes: 500"), 1, /^hepctl rbac: list nodes: 500$/],
])("%s is one line, and a trace only when asked for", async (_what, thrown, code, line) => {
  const broken = commands.map((it) =>
    it.name === "rbac" ? { ...it, run: () => Promise.reject(thrown) } : it,
  );
  const quiet = aTerminal(undefined);
  expect(await runCli(["rbac"], quiet.terminal, environment, broken)).toBe(code);
  expect(quiet.written.out).toBe("");
  expect(quiet.written.err.trimEnd()).toMatch(line);
  expect(quiet.written.err.trimEnd().split("\n")).toHaveLength(1);
  const asked = aTerminal(undefined);
  await runCli(["rbac", "--log-level", "debug"], asked.terminal, environment, broken);
  expect(asked.written.err).toMatch(/\n\s+at /);
});

test("NO_COLOR and a dumb terminal mean no colour; COLUMNS is a width", () => {
  expect(readEnvironment({ NO_COLOR: "1" }).noColor).toBe(true);
  expect(readEnvironment({ NO_COLOR: "" }).noColor).toBe(false);
  expect(readEnvironment({ TERM: "dumb" }).noColor).toBe(true);
  expect(readEnvironment({ COLUMNS: "132" }).columns).toBe(132);
  expect(readEnvironment({ COLUMNS: "wide" }).columns).toBeUndefined();
  expect(openTerminal(environment, true).out.width).toBe(Number.POSITIVE_INFINITY);
});
