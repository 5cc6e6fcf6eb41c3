import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { validateObject, type Layer } from "../../../lib/policy/validation/validate-object.ts";
import { MASTER, parseCalicoVersion } from "../../../lib/policy/version/calico-version.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

/** What the layers said; a key that is missing was not recorded, null: that layer does not exist, or was not reached. */
type Result = {
  readonly valid?: boolean | null;
  readonly fields?: readonly string[];
  readonly go_valid?: boolean | null;
  readonly go_fields?: readonly string[];
  readonly crd3_valid?: boolean | null;
  readonly crd3_fields?: readonly string[];
  readonly crd1_valid?: boolean | null;
  readonly crd1_fields?: readonly string[];
  readonly felix_keeps?: boolean | null;
  readonly felix_fields?: readonly string[];
};
type Case = Result & { readonly id: string; readonly note: string; readonly object: KubernetesObject };
type ByVersion = {
  readonly id: string;
  readonly note: string;
  readonly case?: { readonly object: KubernetesObject };
  readonly master?: Result;
  readonly same: readonly string[];
  readonly versions: Readonly<Record<string, Result>>;
};

const VERDICTS = ["valid", "go_valid", "crd3_valid", "crd1_valid", "felix_keeps"] as const;
const FIELDS = ["fields", "go_fields", "crd3_fields", "crd1_fields", "felix_fields"] as const;

function resultAt(object: KubernetesObject, version: string): Required<Result> {
  const { client, calico, admission, felix } = validateObject(object, parseCalicoVersion(version) ?? MASTER);
  const [crd1, crd3] = [admission["crd.projectcalico.org/v1"], admission["projectcalico.org/v3"]];
  const fields = (layer: Layer | undefined): readonly string[] =>
    [...new Set((layer?.complaints ?? []).map(({ field }) => field))].sort();
  return {
    valid: client.valid,
    fields: fields(client),
    go_valid: calico.valid,
    go_fields: fields(calico),
    crd3_valid: crd3?.valid ?? null,
    crd3_fields: fields(crd3),
    crd1_valid: crd1?.valid ?? null,
    crd1_fields: fields(crd1),
    felix_keeps: felix?.valid ?? null,
    felix_fields: fields(felix),
  };
}

/** What differs, a line for each layer. */
function differences(
  name: string,
  want: Result,
  got: Required<Result>,
  keys: readonly (keyof Result)[],
): string[] {
  return keys.flatMap((key) => {
    const recorded = Array.isArray(want[key]) ? [...new Set(want[key])].sort() : want[key];
    return recorded === undefined || JSON.stringify(recorded) === JSON.stringify(got[key])
      ? []
      : [`${name} ${key}: ${JSON.stringify(got[key])}, recorded ${JSON.stringify(recorded)}`];
  });
}

describeOracle("validation.jsonl", () => {
  test("what each layer refuses and which fields it names, and what Felix drops", () => {
    const cases = oracleCases<Case>("validation.jsonl");
    const wrong = cases.map((recorded) =>
      differences(`${recorded.id} ${recorded.note}`, recorded, resultAt(recorded.object, "master"), [
        ...VERDICTS,
        ...FIELDS,
      ]),
    );
    printAgreement("validation.jsonl", cases.length, wrong.filter((lines) => lines.length === 0).length);
    expect(wrong.flat()).toEqual([]);
  });
});

describeOracle("by-version/validation-by-version.jsonl", () => {
  const known = new Map(oracleCases<Case>("validation.jsonl").map((recorded) => [recorded.id, recorded]));
  const cases = oracleCases<ByVersion>("by-version/validation-by-version.jsonl");

  test.each(["v3.29.7", "v3.31.7", "v3.32.1", "master"])("what each layer of %s refuses", (version) => {
    const ran = cases.flatMap((recorded) => {
      const base = recorded.master ?? known.get(recorded.id);
      const object = recorded.case?.object ?? known.get(recorded.id)?.object;
      const isBase = version === "master" || recorded.same.includes(version);
      const result = isBase ? base : recorded.versions[version];
      return object === undefined || result === undefined ? [] : [{ recorded, object, result, isBase }];
    });
    const wrong = ran.map(({ recorded, object, result, isBase }) => {
      const got = resultAt(object, version);
      // "The same" does not speak of definitions that this version does not have, nor lines of the CRDs alone of Go's layers.
      const keys = VERDICTS.filter(
        (key) =>
          !(isBase && key.startsWith("crd") && got[key] === null) &&
          !(result.go_valid === null && (key === "valid" || key === "go_valid" || key === "felix_keeps")),
      );
      return differences(`${recorded.id} ${recorded.note}`, result, got, keys);
    });
    const agreed = wrong.filter((lines) => lines.length === 0).length;
    printAgreement(`by-version/validation-by-version.jsonl ${version}`, ran.length, agreed);
    expect(ran.length).toBeGreaterThan(0);
    expect(wrong.flat()).toEqual([]);
  });
});
