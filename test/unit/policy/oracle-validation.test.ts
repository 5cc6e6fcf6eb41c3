import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { validateObject } from "../../../lib/policy/validation/validate-object.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly note: string;
  readonly object: KubernetesObject;
  readonly valid: boolean;
  readonly fields: readonly string[];
  readonly go_valid: boolean;
  readonly crd3_valid: boolean;
  readonly crd1_valid: boolean;
  readonly felix_keeps: boolean | null;
};

describeOracle("validation.jsonl", () => {
  test("what each layer refuses, and what Felix drops", () => {
    const cases = oracleCases<Case>("validation.jsonl");
    const wrong = cases.flatMap((recorded) => {
      const { valid, calico, admission, felixKeeps } = validateObject(recorded.object);
      const got = [valid, calico.valid, admission.valid, admission.valid, felixKeeps ?? null];
      const want = [
        recorded.valid,
        recorded.go_valid,
        recorded.crd3_valid,
        recorded.crd1_valid,
        recorded.felix_keeps,
      ];
      return JSON.stringify(got) === JSON.stringify(want)
        ? []
        : [`${recorded.id} ${recorded.note}: ${got.join(" ")}, recorded ${want.join(" ")}`];
    });
    printAgreement("validation.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });

  test("which fields are named", () => {
    const cases = oracleCases<Case>("validation.jsonl");
    const wrong = cases
      .map((recorded) => ({
        id: recorded.id,
        note: recorded.note,
        want: recorded.fields,
        got: validateObject(recorded.object).fields,
      }))
      .filter(({ want, got }) => JSON.stringify(want) !== JSON.stringify(got));
    printAgreement("validation.jsonl (fields)", cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });
});
