import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { parseSettings } from "../../../lib/config/settings.ts";
import { buildDesired } from "../../../lib/desired/build-desired.ts";
import { importSettings } from "../../../lib/import/import-settings.ts";
import type { JsonObject, JsonValue } from "../../../lib/model/kubernetes-object.ts";
import { CALICO_CREATED_BY_LABEL } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { aNode } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const configuration = (hostEndpoint: JsonValue | undefined, status?: JsonObject) => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "KubeControllersConfiguration",
  metadata: { name: "default" },
  spec: { controllers: { node: hostEndpoint === undefined ? {} : { hostEndpoint } } },
  ...(status === undefined ? {} : { status }),
});
const on = (more: JsonObject) =>
  importSettings(configuration({ autoCreate: "Enabled", createDefaultHostEndpoint: "Disabled", ...more }));
const ofTemplate = (template: JsonValue) => on({ templates: [template] });
const cidrs = { interfaceCIDRs: ["10.0.0.0/8"] };

/** The endpoints that imported settings give a node, by name: what they cover and list. */
function given(imported: ReturnType<typeof importSettings>, node = twoCards) {
  const parsed = parseSettings(
    { ...imported.settings, endpoints: imported.endpoints.map((it) => it.entry) },
    checkSelector,
  );
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  const { nodes } = buildDesired({
    scope: { kind: "cluster" },
    nodes: [node],
    templates: parsed.settings.endpoints,
    owner: "us",
  });
  const [first] = nodes;
  return first === undefined || first.kind === "unfit" ? [] : first.endpoints;
}

const twoCards = aNode({
  name: "n",
  addresses: [{ type: "InternalIP", address: "10.0.1.11" }],
  annotations: {
    "projectcalico.org/Interfaces": JSON.stringify([
      { name: "ens5", addresses: ["10.0.1.11"] },
      { name: "ens6", addresses: ["10.0.2.11"] },
    ]),
    "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.0.1",
  },
});

describe("importSettings", () => {
  test("the default endpoint lists what Calico lists: a second network card and tunnels, too", () => {
    expect(given(importSettings(configuration({ autoCreate: "Enabled" })))).toMatchObject([
      {
        name: "n-auto-hep",
        interfaceName: "*",
        expectedIPs: ["10.0.1.11", "10.0.2.11", "10.244.0.1"],
        profiles: ["projectcalico-default-allow"],
      },
    ]);
  });

  test.each<[JsonValue, number]>([
    ["Disabled", 0],
    ["Enabled", 1],
    ["", 1],
    ["enabled", 0],
  ])("createDefaultHostEndpoint %j makes %i", (createDefaultHostEndpoint, count) => {
    expect(given(on({ createDefaultHostEndpoint }))).toHaveLength(count);
  });

  test.each<[string, ReturnType<typeof importSettings>]>([
    ["no object", importSettings(undefined)],
    ["nothing configured", importSettings(configuration(undefined))],
    ["switched off", importSettings(configuration({ autoCreate: "Disabled" }))],
    [
      "a controller that does not run",
      importSettings({ ...configuration(undefined), spec: { controllers: {} } }),
    ],
    ["nothing asked for", on({})],
    ["a template that asks for nothing", ofTemplate({ generateName: "t" })],
    ["a bad template only", ofTemplate({ generateName: "t", ...cidrs, nodeSelector: "role = x" })],
    [
      "switched off by the environment",
      importSettings(
        configuration({ autoCreate: "Enabled" }, { runningConfig: { controllers: { node: {} } } }),
      ),
    ],
  ])("%s makes no endpoint, and no default entry in its place", (_what, imported) => {
    expect(imported.endpoints).not.toEqual([]);
    expect(given(imported)).toEqual([]);
  });

  test("the environment's switch is read from the running configuration", () => {
    const running = { runningConfig: { controllers: { node: { hostEndpoint: { autoCreate: "Enabled" } } } } };
    expect(given(importSettings(configuration({ autoCreate: "Disabled" }, running)))).toHaveLength(1);
  });

  test.each<[string, JsonObject, readonly string[]]>([
    ["unanchored", { interfacePattern: "5" }, ["ens5"]],
    ["of every interface", { interfacePattern: "^ens[0-9]$" }, ["ens5", "ens6"]],
    ["of none", { interfacePattern: "^eth" }, []],
  ])("an interfacePattern %s makes an endpoint for each that matches", (_what, template, names) => {
    const made = given(ofTemplate({ generateName: "g", ...template }));
    expect(made.map((it) => [it.name, it.interfaceName])).toEqual(
      names.map((it) => [`n-g-${it}-auto-hep`, it]),
    );
  });

  test("a pattern with CIDRs lists the interface's addresses and those inside", () => {
    expect(
      given(ofTemplate({ generateName: "g", interfacePattern: "ens6", interfaceCIDRs: ["10.0.1.0/24"] })),
    ).toMatchObject([{ interfaceName: "ens6", expectedIPs: ["10.0.1.11", "10.0.2.11"] }]);
  });

  test("without a generateName the name is the default one", () => {
    expect(given(ofTemplate(cidrs)).map((it) => it.name)).toEqual(["n-auto-hep"]);
  });

  test("annotations are carried; the label that says who made it is not", () => {
    const imported = ofTemplate({
      generateName: "g",
      ...cidrs,
      annotations: { "qos.projectcalico.org/dscp": "AF11" },
      labels: { [CALICO_CREATED_BY_LABEL]: "calico-kube-controllers", role: "x" },
    });
    expect(given(imported)[0]?.annotations).toMatchObject({ "qos.projectcalico.org/dscp": "AF11" });
    expect(given(imported)[0]?.labels).toMatchObject({ role: "x" });
    expect(given(imported)[0]?.labels).not.toHaveProperty([CALICO_CREATED_BY_LABEL]);
  });

  test.each<[string, JsonValue, string]>([
    ["a selector", { ...cidrs, nodeSelector: "role = x" }, "nodeSelector"],
    ["a bare address", { interfaceCIDRs: ["10.0.0.1"] }, '"10.0.0.1/32"'],
    ["a label value", { ...cidrs, labels: { role: "a b" } }, "labels"],
    ["a name", { ...cidrs, generateName: "Web" }, "generateName"],
    ["a pattern", { interfacePattern: "eth(" }, "interfacePattern"],
    ["a pattern that Go does not know", { interfacePattern: "eth(?!0)" }, "interfacePattern"],
    ["a field from later", { ...cidrs, onlyOn: "eth0" }, "onlyOn"],
    ["a list that is none", { interfaceCIDRs: "10.0.0.0/8" }, "interfaceCIDRs"],
    ["no object", "text", "templates[0]"],
  ])("%s that cannot be carried over is named, and makes nothing", (_what, template, field) => {
    const imported = ofTemplate(
      typeof template === "object" && template !== null && !Array.isArray(template)
        ? { generateName: "g", ...template }
        : template,
    );
    expect(imported.problems).toHaveLength(1);
    expect(imported.problems[0]).toContain(field);
    expect(given(imported)).toEqual([]);
  });

  test("what Calico does not come to is not made", () => {
    const imported = on({
      templates: [
        { generateName: "a", ...cidrs },
        { generateName: "b", ...cidrs, nodeSelector: "((" },
        { generateName: "c", ...cidrs },
      ],
    });
    expect(given(imported).map((it) => it.name)).toEqual(["n-a-auto-hep"]);
    expect(imported.problems).toHaveLength(2);
  });

  test("two templates of one name: the first, and a word about the second", () => {
    const imported = on({
      templates: [
        { generateName: "a", ...cidrs },
        { generateName: "a", ...cidrs, labels: { other: "yes" } },
      ],
    });
    expect(given(imported)).toHaveLength(1);
    expect(imported.problems[0]).toContain("templates[1]");
  });

  test("after the move the configuration that Calico had is what keeps the endpoints", () => {
    const off = configuration({ autoCreate: "Disabled", templates: [{ generateName: "g", ...cidrs }] });
    expect(given(importSettings(off, { as: "configured" })).map((it) => it.name)).toEqual([
      "n-auto-hep",
      "n-g-auto-hep",
    ]);
  });

  test("law: whatever is configured, what is printed parses, and covers nothing that a template does not", () => {
    const word = fc.constantFrom(
      "a",
      "web",
      "A",
      "",
      "x.y",
      "-",
      "{node}",
      "eth(",
      "^ens",
      "10.0.0.0/8",
      "10.0.0.1",
      "all()",
      "role = ",
      "projectcalico.org/created-by",
    );
    const anything = fc.jsonValue({ maxDepth: 2 }).map((it) => it as JsonValue);
    const template = fc.oneof(
      fc.record(
        {
          generateName: fc.oneof(word, anything),
          interfaceCIDRs: fc.oneof(fc.array(word), anything),
          interfacePattern: fc.oneof(word, anything),
          nodeSelector: fc.oneof(word, anything),
          labels: fc.oneof(fc.dictionary(word, word), anything),
          annotations: fc.oneof(fc.dictionary(word, word), anything),
        },
        { requiredKeys: [] },
      ),
      anything,
    );
    fc.assert(
      fc.property(fc.array(template, { maxLength: 4 }), (templates) => {
        const made = given(on({ templates: templates }));
        expect(made.filter((it) => it.interfaceName === "*")).toEqual([]);
        expect(made.filter((it) => !it.name.endsWith("-auto-hep"))).toEqual([]);
      }),
      { numRuns: lawRuns(300) },
    );
  });
});
