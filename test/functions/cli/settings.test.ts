import { describe, expect, test } from "@jest/globals";
import type { Environment } from "../../../functions/cli/input/environment.ts";
import { readEnvironment } from "../../../functions/cli/input/environment.ts";
import { parseDuration } from "../../../functions/cli/input/duration.ts";
import { loadSettings } from "../../../functions/cli/settings/load-settings.ts";
import { translateRegex } from "../../../functions/cli/settings/translate-regex.ts";
import { settingsFile } from "../../end-to-end/cli/run-hepctl.ts";

const global = { output: "table", timeoutMilliseconds: 1000 } as const;
const environmentOf = (variables: Record<string, string>): Environment => readEnvironment(variables);

describe("precedence: flag, file, environment, default", () => {
  const operator = environmentOf({
    OPERATOR_ID: "from-environment",
    LOG_LEVEL: "ERROR",
    SCAN_INTERVAL_SECONDS: "45",
    NODE_LABELS_EXCLUDE_REGEX: "secret",
  });

  test("the environment fills in what nobody says", async () => {
    const loaded = await loadSettings(global, operator);
    expect(loaded).toMatchObject({
      logLevel: "error",
      intervalMilliseconds: 45_000,
      settings: { id: "from-environment" },
    });
    expect(loaded.settings.endpoints[0]?.labels).toEqual({ include: [".*"], exclude: ["secret"], set: {} });
  });

  test("the file wins, entry by entry", async () => {
    const config = await settingsFile(
      "id: from-file\nschedule: rate(2 minutes)\nlogLevel: warn\nendpoints: [{labels: {exclude: []}}, {name: 'x-{node}'}]\n",
    );
    const loaded = await loadSettings({ ...global, config }, operator);
    expect(loaded).toMatchObject({
      logLevel: "warn",
      intervalMilliseconds: 120_000,
      settings: { id: "from-file" },
    });
    expect(loaded.settings.endpoints.map((it) => it.labels.exclude)).toEqual([[], ["secret"]]);
  });

  test("the flag wins over both", async () => {
    const config = await settingsFile("logLevel: warn\n");
    expect((await loadSettings({ ...global, config, logLevel: "debug" }, operator)).logLevel).toBe("debug");
  });

  test("nothing said: the defaults, and an empty file says nothing", async () => {
    const config = await settingsFile("# nothing\n");
    const loaded = await loadSettings(
      { ...global, config },
      environmentOf({ OPERATOR_ID: "", LOG_LEVEL: " " }),
    );
    expect(loaded).toMatchObject({
      logLevel: "info",
      intervalMilliseconds: 60_000,
      notes: [],
      settings: { id: "hostendpoint-reconciler" },
    });
  });
});

describe("Python's regular expressions", () => {
  test.each<[string, string, boolean]>([
    [String.raw`(?P<a>x)(?P=a)`, "xx", true],
    [String.raw`kubernetes\.io\/hostname`, "kubernetes.io/hostname", true],
    [String.raw`my\-team`, "my-team", true],
    [String.raw`a[\-_]b\Z`, "a-b", true],
    [String.raw`a[\-_]b\Z`, "a-bc", false],
    ["(?i)APP", "app", true],
    ["(?a)app", "app", true],
    [String.raw`\Aapp`, "app", true],
    [String.raw`[\d]+\w`, "12x", true],
  ])("%s on %s", (pattern, key, matches) => {
    expect(new RegExp(`^(?:${translateRegex(pattern)})`, "u").test(key)).toBe(matches);
  });
});

describe("durations", () => {
  test.each([
    ["60s", 60_000],
    ["90", 90_000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["1.5h", 5_400_000],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text, "--every")).toBe(milliseconds);
  });
  test.each(["", "s", "-1s", "1 s", "0", "25h", "1e3s"])("%j is none", (text) => {
    expect(() => parseDuration(text, "--every")).toThrow(/--every: .* is no duration/);
  });
});
