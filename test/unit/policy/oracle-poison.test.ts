import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { findPoison } from "../../../lib/policy/poison/find-poison.ts";
import { validateObject } from "../../../lib/policy/validation/validate-object.ts";
import { MASTER } from "../../../lib/policy/version/calico-version.ts";
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
      const effects = objects.map((object) => effectOfWriting(object, objects, dataplane));
      const worst = effects.sort((a, b) => WORST.indexOf(b) - WORST.indexOf(a))[0];
      return worst === effect ? [] : [`${id}: ${String(worst)}, recorded ${effect}`];
    });
    printAgreement("poison.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });
});

/** What the guard and `simulate` say of an object, in the one word that was recorded of it. */
function effectOfWriting(
  object: KubernetesObject,
  objects: readonly KubernetesObject[],
  kubeProxy: Case["dataplane"],
): string {
  const { admission } = validateObject(object, MASTER);
  const group = object.apiVersion === "crd.projectcalico.org/v1" ? object.apiVersion : "projectcalico.org/v3";
  if (admission[group]?.valid === false) return "refused";
  const name = `${object.kind}/${object.metadata.name}`;
  const found = findPoison(objects, { calico: [MASTER], kubeProxy }).filter((it) => it.object.endsWith(name));
  if (found.some(({ effect }) => effect === "crash-loop")) return "crash-loop";
  // Only frozen policies were watched for; frozen endpoints and configuration are told in docs/calico.md 0 item 11.
  if (found.some(({ effect, freezes }) => effect === "freeze" && freezes === "policies")) return "freeze";
  const configures = object.kind === "FelixConfiguration" && Object.keys(object.spec ?? {}).length > 0;
  return configures && found.length === 0 ? "restart" : "none";
}
