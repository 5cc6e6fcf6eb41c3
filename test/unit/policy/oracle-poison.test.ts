import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { effectOfWriting } from "../../../lib/policy/poison/find-poison.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly objects: readonly KubernetesObject[];
  readonly dataplane: "iptables" | "nftables";
  readonly effect: string;
};
const WORST = ["none", "restart", "freeze", "crash-loop", "refused"];

describeOracle("poison.jsonl", () => {
  test("what an object does to Felix", () => {
    const cases = oracleCases<Case>("poison.jsonl");
    const wrong = cases.flatMap(({ id, objects, dataplane, effect }) => {
      const effects = objects.map((object) => effectOfWriting(object, dataplane));
      const worst = effects.sort((a, b) => WORST.indexOf(b) - WORST.indexOf(a))[0];
      return worst === effect ? [] : [`${id}: ${String(worst)}, recorded ${effect}`];
    });
    printAgreement("poison.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });
});
