import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";

type Entry = { readonly license?: string; readonly dev?: boolean; readonly devOptional?: boolean };

/** What may be distributed under the Apache licence 2.0, as SPDX writes it. */
const ALLOWED =
  /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Python-2\.0|Unlicense)( (OR|AND) [\w.-]+)*\)?$/;

test("whatever is installed for running has a licence that lets us pass it on", () => {
  const lock = JSON.parse(readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8")) as {
    readonly packages: Readonly<Record<string, Entry>>;
  };
  const wrong = Object.entries(lock.packages)
    .filter(([path, it]) => path !== "" && it.dev !== true && it.devOptional !== true)
    .filter(([, it]) => !ALLOWED.test(it.license ?? ""))
    .map(([path, it]) => `${path}: ${it.license ?? "none"}`);
  expect(wrong).toEqual([]);
});
