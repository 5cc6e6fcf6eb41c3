import { expect, test } from "@jest/globals";
import type { JsonValue } from "../../../lib/model/kubernetes-object.ts";
import {
  DEFAULT_FAILSAFES,
  parseApiFailsafes,
  parseFailsafeString,
  type FailsafeDirection,
  type ParsedFailsafes,
} from "../../../lib/policy/felix/parse-failsafes.ts";
import {
  failsafesOfFile,
  resolveFailsafes,
  type FailsafeSource,
} from "../../../lib/policy/felix/resolve-failsafes.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly form: "api" | "env" | "file" | "multi";
  readonly direction: FailsafeDirection;
  readonly value: JsonValue;
  readonly sources?: Readonly<Partial<Record<FailsafeSource, string>>>;
  readonly result: "ok" | "error" | "panic" | "decode-error";
  readonly parsed: JsonValue;
};

function parse({ form, value, direction, sources }: Case): ParsedFailsafes {
  switch (form) {
    case "api":
      return parseApiFailsafes(value);
    case "env":
      return parseFailsafeString(value as string);
    case "file":
      return parseFailsafeString(failsafesOfFile(value as string, direction) ?? "");
    case "multi":
      return resolveFailsafes(sources ?? {});
  }
}

function agrees(recorded: Case): boolean {
  const got = parse(recorded);
  if (got.kind !== "default" && got.kind !== "list") return got.kind === recorded.result;
  const list = got.kind === "list" ? got.failsafes : DEFAULT_FAILSAFES[recorded.direction];
  return recorded.result === "ok" && JSON.stringify(list) === JSON.stringify(recorded.parsed);
}

describeOracle("failsafes.jsonl", () => {
  test("what Felix makes of a failsafe setting", () => {
    const cases = oracleCases<Case>("failsafes.jsonl");
    const wrong = cases.filter((recorded) => !agrees(recorded));
    printAgreement("failsafes.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
