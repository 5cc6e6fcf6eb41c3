import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { condenseDefinitions } from "../../../functions/local/condense-crds.ts";
import type { JsonValue, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { explainRefusals } from "../../../lib/policy/validation/explain-refusals.ts";
import { explainRule } from "../../../lib/policy/validation/explain-rule.ts";
import { evaluateRule } from "../../../lib/policy/validation/evaluate-rule.ts";
import { isGoPattern } from "../../../lib/policy/validation/go-pattern.ts";
import { parseRuleExpression } from "../../../lib/policy/validation/parse-rule-expression.ts";
import { printDuration, readDuration } from "../../../lib/policy/validation/read-duration.ts";
import {
  SCHEMA_KINDS,
  schemaAt,
  schemaOf,
  type SchemaNode,
} from "../../../lib/policy/validation/schemas/structural-schemas.ts";
import { validateObject } from "../../../lib/policy/validation/validate-object.ts";
import { EVERY_VERSION } from "../../../lib/policy/version/calico-version.ts";
import { lawRuns } from "../law-runs.ts";

/** Calico's own definitions, which are not part of this repository; with `CI=true` they must be there. */
const real = process.env["CALICO_CRDS"] ?? "";
const testWithDefinitions = existsSync(real) || process.env["CI"] === "true" ? test : test.skip;

/** Every CEL expression of the tables, sorted. */
function allSchemaRules(): readonly string[] {
  const file = new URL("../../../lib/policy/validation/schemas/structural-schemas.json", import.meta.url);
  const { nodes } = JSON.parse(readFileSync(file, "utf8")) as { readonly nodes: readonly SchemaNode[] };
  return [...new Set(nodes.flatMap(({ rules }) => rules ?? []))].sort();
}

/** A schema with everything that it names inside it, so that two tables can be compared. */
function whole(node: SchemaNode, at: (index: number) => SchemaNode): unknown {
  const inside = (index: number | undefined): unknown =>
    index === undefined ? undefined : whole(at(index), at);
  return {
    ...node,
    items: inside(node.items),
    additional: inside(node.additional),
    allOf: node.allOf?.map(inside),
    anyOf: node.anyOf?.map(inside),
    properties: Object.fromEntries(
      Object.entries(node.properties ?? {}).map(([name, index]) => [name, inside(index)]),
    ),
  };
}

describe("the tables of Calico's schemas", () => {
  testWithDefinitions("say what Calico's own definitions say ($CALICO_CRDS)", () => {
    const { states, nodes } = condenseDefinitions({ master: real });
    const groups = ["crd.projectcalico.org/v1", "projectcalico.org/v3"] as const;
    for (const group of groups)
      for (const kind of SCHEMA_KINDS) {
        const index = states["master"]?.[group]?.[kind] ?? -1;
        const own = schemaOf("master", group, kind) ?? {};
        expect(whole(own, schemaAt)).toEqual(whole(nodes[index] ?? {}, (at) => nodes[at] ?? {}));
      }
  });

  test.each(allSchemaRules())("the rule %s is read, and has words of its own", (rule) => {
    expect(parseRuleExpression(rule)).toBeDefined();
    expect(explainRule(rule)).not.toContain(rule);
  });
});

describe("CEL, as far as the rules need it", () => {
  test.each([
    ["self.a == 1 || self.b == 2", { b: 2 }, "holds"],
    ["self.a == 1 || self.b == 2", { b: 3 }, "error"],
    ["self.a == 1 && self.b == 2", { b: 3 }, "broken"],
    ["has(self.a.b)", {}, "error"],
    ["!has(self.a) || self.a == 'x'", { a: "y" }, "broken"],
    ["self.a == 1", { a: "1" }, "broken"],
    ["self.l.exists(t, t == 'x')", { l: ["y", "x"] }, "holds"],
    ["size(self.t) == 2", { t: "😀a" }, "holds"],
    ["isIP(self.t) && ip(self.t).family() == 4", { t: "::ffff:1.2.3.4" }, "broken"],
    ["isIP(self.t) && ip(self.t).family() == 6", { t: "fd00::1" }, "holds"],
    ["self.t.matches('x')", { t: "x" }, "error"],
    ["self.a ==", { a: 1 }, "error"],
  ] as const)("%s of %j: %s", (rule, self, outcome) => {
    expect(evaluateRule(rule, self)).toBe(outcome);
  });
});

describe("Go's own texts", () => {
  test.each([
    ["1h2m3.5s", "1h2m3.5s"],
    ["90s", "1m30s"],
    ["0", "0s"],
    ["500us", "500µs"],
    ["-1.5s", "-1.5s"],
    [".5s", "500ms"],
  ])("the duration %s is %s", (text, printed) => {
    expect(printDuration(readDuration(text) ?? -1n)).toBe(printed);
  });

  test.each(["", "90", "1d", "s", "1e3s", "none", "9999999h"])("%j is no duration", (text) => {
    expect(readDuration(text)).toBeUndefined();
  });

  test("what is printed is read again", () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n), (duration) => {
        expect(readDuration(printDuration(duration))).toBe(duration);
      }),
      { numRuns: lawRuns() },
    );
  });

  test.each(["eth.*", "(?P<x>a)", "[[:alpha:]]", "a{,2}", "]", "\\pL", "(?i:a)", "\\Qa(", "^*"])(
    "%s is a pattern to Go",
    (text) => {
      expect(isGoPattern(text)).toBe(true);
    },
  );

  test.each(["(", "a{1001}", "(?=a)", "\\1", "[", "a**", "*", "[[:foo:]]", "[z-a]", "\\", "(?z)x", "a|*"])(
    "%s is no pattern to Go",
    (text) => {
      expect(isGoPattern(text)).toBe(false);
    },
  );
});

describe("objects that nobody made for Calico", () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
  const object = fc.record({
    apiVersion: fc.constantFrom("projectcalico.org/v3", "crd.projectcalico.org/v1", "v1"),
    kind: fc.constantFrom(...SCHEMA_KINDS, "Nonsense"),
    metadata: fc.record({ name: fc.string() }),
    spec: json,
  }) as unknown as fc.Arbitrary<KubernetesObject>;

  test("are judged by every version, whatever they are", () => {
    fc.assert(
      fc.property(object, fc.constantFrom(...EVERY_VERSION), (it, version) => {
        const { client, calico, admission, felix } = validateObject(it, version);
        // Who goes through Calico's client meets its validator too.
        if (client.valid) expect(calico.valid).toBe(true);
        for (const layer of [client, calico, felix, ...Object.values(admission)])
          expect(layer?.valid ?? true).toBe((layer?.complaints ?? []).length === 0);
      }),
      { numRuns: lawRuns() },
    );
  });

  test("are told in lines of bounded length", () => {
    const spec = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`f${index}`, "x".repeat(1_000)]),
    );
    const objects = Array.from({ length: 100 }, (_, index): KubernetesObject => ({
      apiVersion: "projectcalico.org/v3",
      kind: "HostEndpoint",
      metadata: { name: `${"x".repeat(10_000)}${index}` },
      spec: { ...spec, node: 5, expectedIPs: ["y".repeat(10_000), "y".repeat(10_000)] },
    }));
    const lines = explainRefusals(objects);
    expect(lines).toHaveLength(21);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(2_000);
  });
});

describe("who refuses an object", () => {
  const policy = (spec: KubernetesObject["spec"]): KubernetesObject => ({
    apiVersion: "projectcalico.org/v3",
    kind: "GlobalNetworkPolicy",
    metadata: { name: "p" },
    ...(spec === undefined ? {} : { spec }),
  });
  const icmp = policy({ ingress: [{ action: "Allow", icmp: { type: 8 } }] });

  test("the API server, by the newest definitions", () => {
    expect(explainRefusals([icmp])).toEqual([
      "GlobalNetworkPolicy/p: the API server refuses it (spec.ingress[0]: icmp needs the protocol ICMP or ICMPv6); " +
        "correct it before you apply it",
    ]);
  });

  test("calicoctl alone, by those of 3.31", () => {
    expect(explainRefusals([icmp], [{ major: 3, minor: 31, patch: 7 }])).toEqual([
      "GlobalNetworkPolicy/p: calicoctl and Calico's API server refuse it (ICMP: icmp needs the protocol ICMP or ICMPv6), " +
        "kubectl on crd.projectcalico.org/v1 would store it; correct it",
    ]);
  });

  test("nobody", () => {
    expect(explainRefusals([policy({ types: ["Ingress"] })])).toEqual([]);
  });
});
