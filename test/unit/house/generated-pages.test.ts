import { expect, test } from "@jest/globals";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generatedPages } from "../../../functions/local/docs/generated-pages.ts";
import { HOPS } from "../../../lib/doctor/diagnosis.ts";
import { FINDINGS } from "../../../lib/model/words/findings.ts";
import { IGNORED_REASONS } from "../../../lib/model/words/ignored-reasons.ts";
import { STANDING_REASONS, UNFIT_REASONS, WAITING_REASONS } from "../../../lib/model/words/node-reasons.ts";
import {
  CHANGE_REASONS,
  FAILURE_REASONS,
  NO_LONGER_NEEDED_REASONS,
} from "../../../lib/model/words/outcome-reasons.ts";
import { VERDICT_REASONS } from "../../../lib/model/words/verdict-reasons.ts";
import { WITHHELD_REASONS } from "../../../lib/model/words/withheld-reasons.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

test("pages made from the code are as `npm run docs` writes them", async () => {
  for (const [file, text] of await generatedPages()) expect([file, read(file)]).toEqual([file, text]);
});

test("every word has a sentence for its meaning, one for its fix, and a severity when it is a finding", () => {
  const words = {
    ...FINDINGS,
    ...WITHHELD_REASONS,
    ...CHANGE_REASONS,
    ...NO_LONGER_NEEDED_REASONS,
    ...FAILURE_REASONS,
    ...STANDING_REASONS,
    ...WAITING_REASONS,
    ...UNFIT_REASONS,
  };
  for (const [word, { meaning, fix }] of Object.entries(words)) {
    expect(word).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect([word, meaning]).toEqual([word, expect.stringMatching(/^.+[^ ]\.$/)]);
    expect([word, fix]).toEqual([word, expect.stringMatching(/^.{5,}$/)]);
  }
  for (const [code, { severity }] of Object.entries(FINDINGS))
    expect([code, Object.keys(severity).length > 0]).toEqual([code, true]);
});

test("no word is left that no code says", () => {
  const said = globSync("{lib,functions}/**/*.ts", { cwd: root })
    .filter((it) => !it.startsWith("lib/model/words/"))
    .map((it) => read(`${root}${it}`))
    .join("\n");
  const derived = new Set<string>(HOPS.map((it) => `${it}-failed`));
  const words = [
    FINDINGS,
    WITHHELD_REASONS,
    CHANGE_REASONS,
    NO_LONGER_NEEDED_REASONS,
    FAILURE_REASONS,
    STANDING_REASONS,
    WAITING_REASONS,
    UNFIT_REASONS,
    VERDICT_REASONS,
    IGNORED_REASONS,
  ].flatMap((it) => Object.keys(it));
  expect(words.filter((it) => !derived.has(it) && !said.includes(`"${it}"`))).toEqual([]);
});

function read(file: string): string {
  return readFileSync(file, "utf8");
}
