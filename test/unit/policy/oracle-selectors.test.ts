import { expect, test } from "@jest/globals";
import type { StringMap } from "../../../lib/model/kubernetes-object.ts";
import {
  evaluateSelector,
  isSelectorError,
  parseSelector,
} from "../../../lib/policy/selector/parse-selector.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly selector: string;
  readonly labels: StringMap;
  readonly parses: boolean;
  readonly matches: boolean;
};

describeOracle("selectors.jsonl", () => {
  test("what parses, and what it matches", () => {
    const cases = oracleCases<Case>("selectors.jsonl");
    const wrong = cases.filter(({ selector, labels, parses, matches }) => {
      const parsed = parseSelector(selector);
      return isSelectorError(parsed) ? parses : !parses || evaluateSelector(parsed, labels) !== matches;
    });
    printAgreement("selectors.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
