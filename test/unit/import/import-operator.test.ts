import { describe, expect, test } from "@jest/globals";
import { parseDocument } from "yaml";
import { formatImported } from "../../../functions/cli/run/run-import.ts";
import { translateRegex as translate } from "../../../functions/cli/settings/translate-regex.ts";
import { parseSettings } from "../../../lib/config/settings.ts";
import { buildDesired } from "../../../lib/desired/build-desired.ts";
import { importOperator } from "../../../lib/import/import-operator.ts";
import type { JsonValue, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Node } from "../../../lib/model/node.ts";
import { OWNER_LABEL } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { aNode } from "../../builders/a-node.ts";

function deployment(
  env: readonly JsonValue[],
  more: Readonly<Record<string, JsonValue>> = {},
): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "my-release", namespace: "ops" },
    spec: { template: { spec: { containers: [{ name: "hostendpoint-operator", env, ...more }] } } },
  };
}
const variables = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const imported = (env: readonly JsonValue[], nodes: readonly Node[] = []) =>
  importOperator({ deployments: [deployment(env)], nodes, translate });

/** What settings that were printed give a node. */
function given(it: ReturnType<typeof importOperator>, node: Node) {
  const parsed = parseSettings(parseDocument(formatImported(it)).toJS(), checkSelector);
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const [desired] = buildDesired({
    scope: { kind: "cluster" },
    nodes: [node],
    templates: parsed.settings.endpoints,
    owner: "us",
  }).nodes;
  return desired?.kind === "wanted" ? desired.endpoints : [];
}

const node = aNode({
  name: "n",
  labels: { team: "a", "node.kubernetes.io/x": "1", "my-last-scan": "2", "topology.kubernetes.io/zone": "z" },
  addresses: [
    { type: "InternalIP", address: "10.0.1.1" },
    { type: "ExternalIP", address: "203.0.113.1" },
  ],
});

describe("importOperator", () => {
  test("its defaults: by address, no profile, its labels but for those that it leaves out", () => {
    const [endpoint, ...others] = given(imported([]), node);
    expect(others).toEqual([]);
    expect(endpoint).toMatchObject({
      name: "n",
      interfaceName: "",
      profiles: [],
      expectedIPs: ["10.0.1.1", "203.0.113.1"],
      labels: { team: "a", "topology.kubernetes.io/zone": "z", [OWNER_LABEL]: "us" },
    });
    expect(Object.keys(endpoint?.labels ?? {}).sort()).toEqual([
      OWNER_LABEL,
      "team",
      "topology.kubernetes.io/zone",
    ]);
  });

  test.each([
    [
      { NODE_LABELS_EXCLUDE_REGEX: "" },
      [
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "my-last-scan",
        "node.kubernetes.io/x",
        "team",
        "topology.kubernetes.io/zone",
      ],
    ],
    [{ NODE_LABELS_EXCLUDE_REGEX: "", NODE_LABELS_INCLUDE_REGEX: "te" }, ["team"]],
    [{ NODE_LABELS_INCLUDE_REGEX: "(?P<a>team)|my" }, ["team"]],
  ])("%j leaves %j", (values, keys) => {
    const labels = given(imported(variables(values)), node)[0]?.labels ?? {};
    expect(
      Object.keys(labels)
        .filter((it) => it !== OWNER_LABEL)
        .sort(),
    ).toEqual(keys);
  });

  test.each([
    ["9", "rate(1 minute)", "counts as 10"],
    ["abc", "rate(1 minute)", "counts as 60"],
    ["600", "rate(10 minutes)", undefined],
  ])("an interval of %j is read as it reads it", (text, schedule, note) => {
    const it = imported(variables({ SCAN_INTERVAL_SECONDS: text }));
    expect(it.settings).toEqual({ schedule });
    expect(it.notes.some((one) => one.includes("counts as"))).toBe(note !== undefined);
    if (note !== undefined) expect(it.notes.join("\n")).toContain(note);
  });

  test("what has no meaning here is said", () => {
    const it = imported(
      variables({ CALICO_API_VERSION: "v1", CALICO_PLURAL: "hostendpoints", OPERATOR_ID: "x" }),
    );
    for (const name of ["CALICO_API_VERSION", "CALICO_PLURAL", "OPERATOR_ID"])
      expect(it.notes.join("\n")).toContain(`${name} is ignored`);
    expect(it.problems).toEqual([]);
  });

  test("of a node of both families it has the IPv4 addresses", () => {
    const dual = aNode({
      name: "d",
      addresses: [
        { type: "InternalIP", address: "10.0.1.2" },
        { type: "InternalIP", address: "fd00::2" },
      ],
    });
    expect(given(imported([], [dual]), dual)[0]?.expectedIPs).toEqual(["10.0.1.2"]);
  });

  test.each<[string, readonly KubernetesObject[], string]>([
    ["nobody is there", [], "no Deployment"],
    ["two are there", [deployment([]), deployment([])], "2 Deployments"],
    [
      "a filter comes from elsewhere",
      [deployment([{ name: "NODE_LABELS_EXCLUDE_REGEX", valueFrom: { configMapKeyRef: { name: "c" } } }])],
      "configMapKeyRef",
    ],
    ["all come from elsewhere", [deployment([], { envFrom: [{ configMapRef: { name: "c" } }] })], "envFrom"],
    [
      "its expression is none",
      [deployment(variables({ NODE_LABELS_INCLUDE_REGEX: "(" }))],
      "NODE_LABELS_INCLUDE_REGEX",
    ],
  ])("where %s nothing is made, and it is said why", (_what, deployments, problem) => {
    const it = importOperator({ deployments, nodes: [], translate });
    expect(it.problems.join("\n")).toContain(problem);
    expect(given(it, node)).toEqual([]);
  });
});
