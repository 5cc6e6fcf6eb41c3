/** Files that are too large, aliases that multiply, a disk that is full: one line each, and never a success that is none. */
import { describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, closeSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseWorldFile } from "../../../functions/cli/input/world-file.ts";
import { loadSettings } from "../../../functions/cli/settings/load-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "large-"));
const settings = (text: string) => {
  const config = join(folder, "settings.yaml");
  writeFileSync(config, text);
  return loadSettings(
    { config } as Parameters<typeof loadSettings>[0],
    { operator: {} } as Parameters<typeof loadSettings>[1],
  );
};

describe("settings", () => {
  test("aliases that multiply", async () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? "a0: &a0 [x, x, x, x, x, x, x, x, x]"
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(", ")}]`,
    );
    await expect(settings(levels.join("\n"))).rejects.toThrow(/--config .*alias.*write the values out/i);
  });
  test("an alias of nothing", async () => {
    await expect(settings("id: *nothing\n")).rejects.toThrow(/nothing/);
  });
  test("more than a million characters", async () => {
    await expect(settings(`# ${"x".repeat(1_000_001)}`)).rejects.toThrow(
      /characters, settings at most 1000000/,
    );
  });
});

describe("objects", () => {
  const one = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n", annotations: { x: "y".repeat(1_000) } },
  };
  test("a large file of JSON is read as JSON", () => {
    const { objects, problems } = parseWorldFile(
      JSON.stringify({ apiVersion: "v1", kind: "List", items: Array(20_000).fill(one) }),
      "w.json",
    );
    expect([objects.length, problems]).toEqual([20_000, []]);
  });
  test("YAML of more than eight million characters is refused with the numbers and the way out", () => {
    const { problems } = parseWorldFile("a: b\n".repeat(1_700_000), "w.yaml");
    expect(problems).toEqual([
      "w.yaml: it has 8500000 characters, YAML at most 8000000; write it as JSON (kubectl get -o json), which may be larger, or as several files",
    ]);
  });
});

const onLinux = existsSync("/dev/full") ? test : test.skip;
onLinux("a result that cannot be written is no success", () => {
  const full = openSync("/dev/full", "w");
  const main = join(import.meta.dirname, "..", "..", "..", "functions", "cli", "main.ts");
  const { status, stderr } = spawnSync(process.execPath, [main, "rbac"], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/the result cannot be written to stdout: .*ENOSPC/),
  ]);
});
