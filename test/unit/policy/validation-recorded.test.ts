import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { validateObject } from "../../../lib/policy/validation/validate-object.ts";
import { MASTER, parseCalicoVersion } from "../../../lib/policy/version/calico-version.ts";

type Answers = readonly (boolean | null)[];
type Recorded = { readonly object: KubernetesObject } & Readonly<Record<string, Answers>>;

const recorded = gunzipSync(readFileSync(join(import.meta.dirname, "recorded", "validation.jsonl.gz")))
  .toString("utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Recorded);

test.each(["v3.29.7", "v3.31.7", "v3.32.1", "master"])(
  "Calico %s, its API server and its Felix say the same of generated objects",
  (version) => {
    const wrong = recorded.flatMap((line) => {
      const { client, calico, felix, admission } = validateObject(
        line.object,
        parseCalicoVersion(version) ?? MASTER,
      );
      const got: Answers = [
        client.valid,
        calico.valid,
        felix?.valid ?? null,
        admission["crd.projectcalico.org/v1"]?.valid ?? null,
        admission["projectcalico.org/v3"]?.valid ?? null,
      ];
      return JSON.stringify(got) === JSON.stringify(line[version])
        ? []
        : [
            `${JSON.stringify(got)}, recorded ${JSON.stringify(line[version])}: ${JSON.stringify(line.object)}`,
          ];
    });
    expect(recorded.length).toBeGreaterThan(1_000);
    expect(wrong).toEqual([]);
  },
);
