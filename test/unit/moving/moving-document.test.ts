import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MEANT } from "./compare-replay.ts";

const text = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "moving.md"), "utf8");

test("docs/moving.md names every difference that the replay lets pass, and no other", () => {
  const table = text.split("<!-- differences: begin -->")[1]?.split("<!-- differences: end -->")[0] ?? "";
  const rows = table.split("\n").filter((it) => it.startsWith("|"));
  const first = rows.slice(2).map((it) => it.split("|")[1]?.trim());
  expect(first).toEqual([...MEANT]);
});
