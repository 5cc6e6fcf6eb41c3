import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { findPoison } from "../../../lib/policy/poison/find-poison.ts";
import { collectLabelNames } from "../../../lib/policy/selector/compile-expression.ts";
import {
  evaluateSelector,
  isSelectorError,
  MOST_CHARACTERS,
  parseSelector,
  type Expression,
  type Labels,
  type Selector,
} from "../../../lib/policy/selector/parse-selector.ts";
import { couldSelect } from "../../../lib/policy/selector/possible-match.ts";
import { printExpression } from "../../../lib/policy/selector/print-expression.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { aWorld } from "../../builders/a-world.ts";
import { aGlobalNetworkPolicy, aGuardRequest } from "../../builders/a-guard-request.ts";
import { lawRuns } from "../law-runs.ts";
import { DEFAULT_ALLOW, NODES, aPolicy, aTier, anEndpoint, flowOf } from "./worlds.ts";

function parsed(text: string): Selector {
  const selector = parseSelector(text);
  if (isSelectorError(selector)) throw new Error(`${text.slice(0, 60)}: ${selector.message}`);
  return selector;
}

/** Counts every look at a label: the steps of an evaluation. */
function countedLabels(values: Readonly<Record<string, string>>): { labels: Labels; looks: () => number } {
  let looks = 0;
  const map = new Map(Object.entries(values));
  const labels = new Map(map);
  labels.get = (key) => (looks++, map.get(key));
  labels.has = (key) => (looks++, map.has(key));
  return { labels, looks: () => looks };
}

/** Layers around a comparison; each keeps the text valid, and most of them make the tree deeper. */
const layer = fc.constantFrom<(inner: string) => string>(
  (inner) => `(${inner})`,
  (inner) => `!(${inner})`,
  (inner) => `!!(${inner})`,
  (inner) => `(a == 'x' && ${inner})`,
  (inner) => `(has(b) || ${inner})`,
  (inner) => `(${inner}) || c in {'x', 'y'}`,
  (inner) => `all() && (${inner})`,
);

/** A text of many layers. Written outwards from the middle, so that building it is linear too. */
function layered(layers: readonly ((inner: string) => string)[], repeat: number): string {
  const hole = "\u0000";
  const [before, after]: [string[], string[]] = [[], []];
  for (let time = 0; time < repeat; time++)
    for (const wrap of layers) {
      const [left = "", right = ""] = wrap(hole).split(hole);
      before.push(left);
      after.push(right);
    }
  return `${before.reverse().join("")}a == 'x'${after.join("")}`;
}

/** What a selector means, in the plainest words: for shallow trees only. */
function plainly(expression: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = "label" in expression ? labels[expression.label] : undefined;
  switch (expression.kind) {
    case "all":
    case "global":
      return true;
    case "has":
      return value !== undefined;
    case "==":
      return value === expression.value;
    case "!=":
      return value !== expression.value;
    case "contains":
      return value?.includes(expression.value) ?? false;
    case "starts with":
      return value?.startsWith(expression.value) ?? false;
    case "ends with":
      return value?.endsWith(expression.value) ?? false;
    case "in":
      return value !== undefined && expression.values.includes(value);
    case "not in":
      return value === undefined || !expression.values.includes(value);
    case "!":
      return !plainly(expression.operand, labels);
    case "&&":
      return expression.operands.every((it) => plainly(it, labels));
    case "||":
      return expression.operands.some((it) => plainly(it, labels));
  }
}

describe("selectors of any depth", () => {
  test("2,000 nested parentheses are one comparison", () => {
    const selector = parsed(`${"(".repeat(2_000)}role == 'db'${")".repeat(2_000)}`);
    expect(selector.expression).toEqual({ kind: "==", label: "role", value: "db" });
    expect(evaluateSelector(selector, { role: "db" })).toBe(true);
  });

  test.each([
    ["parentheses", "(", "has(a)", ")", 32_000],
    ["negations", "!(", "has(a)", ")", 20_000],
    ["conjunctions", "(has(a) && ", "has(a)", ")", 5_000],
    ["disjunctions", "(has(b) || ", "has(a)", ")", 5_000],
    ["both", "(has(a) && (has(b) || ", "has(a)", "))", 2_500],
  ])(
    "%s as deep as the bound allows: parsed, printed, evaluated, collected",
    (_, open, core, close, times) => {
      const selector = parsed(open.repeat(times) + core + close.repeat(times));
      const printed = printExpression(selector.expression, "p.");
      expect(printed.length).toBeLessThan(5 * MOST_CHARACTERS);
      const { labels, looks } = countedLabels({ a: "1" });
      expect(selector.matches(labels)).toBe(true);
      expect(looks()).toBeLessThanOrEqual(2 * times + 1);
      expect(couldSelect(selector.expression, () => "unknown")).toBe(true);
      const names = new Set<string>();
      collectLabelNames(selector.expression, names);
      expect([...names].sort().join()).toMatch(/^a(,b)?$/);
    },
  );

  test("random deep texts: nothing throws, and a look for each comparison is enough", () => {
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 1_500 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("x", "z")),
        (layers, repeat, values) => {
          const text = layered(layers, repeat);
          const selector = parseSelector(text);
          if (isSelectorError(selector)) {
            expect(selector.undecidable).toBe(true);
            expect(text.length).toBeGreaterThan(MOST_CHARACTERS);
            return;
          }
          const { labels, looks } = countedLabels(values);
          const holds = selector.matches(labels);
          expect(looks()).toBeLessThanOrEqual(text.length);
          const printed = printExpression(selector.expression);
          expect(printed.length).toBeLessThanOrEqual(3 * text.length);
          const again = parseSelector(printed, Number.POSITIVE_INFINITY) as Selector;
          expect(again.matches(labels)).toBe(holds);
          expect(couldSelect(selector.expression, (name) => (name in values ? "present" : "absent"))).toBe(
            holds || couldSelect(selector.expression, (name) => (name in values ? "present" : "absent")),
          );
        },
      ),
      { numRuns: Math.min(lawRuns(), 300) },
    );
  });

  test("it means what the plainest reading means", () => {
    fc.assert(
      fc.property(
        fc.array(layer, { maxLength: 8 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("x", "z")),
        (layers, values) => {
          const { expression, matches } = parsed(layered(layers, 1));
          const holds = matches(new Map(Object.entries(values)));
          expect(holds).toBe(plainly(expression, values));
          // What is proven impossible never happens.
          if (holds)
            expect(couldSelect(expression, (name) => (name in values ? "present" : "absent"))).toBe(true);
        },
      ),
      { numRuns: lawRuns() },
    );
  });

  test("no text at all makes reading it throw, whatever its length", () => {
    const piece = fc.constantFrom(
      "(",
      ")",
      "!",
      "!=",
      "==",
      "&&",
      "||",
      "{",
      "}",
      ",",
      "'a'",
      "a",
      " in ",
      "has(",
      "all()",
      "\t",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.integer({ min: 1, max: 3_000 }),
        (pieces, repeat) => {
          const text = pieces.join("").repeat(repeat);
          const selector = parseSelector(text);
          if (isSelectorError(selector)) expect(selector.position).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: Math.min(lawRuns(), 300) },
    );
  });
});

describe("what is beyond the bound is undecidable, and touches only what it could touch", () => {
  const huge = `role in {${"'a', ".repeat(20_000)}'web'}`;
  const ask = (objects: readonly KubernetesObject[], flow = "in tcp/80") =>
    verdictFor(aWorld([...NODES, anEndpoint(DEFAULT_ALLOW), ...objects]), flowOf(flow));
  const deny: JsonObject = { action: "Deny", protocol: "TCP" };

  test("the parser says so, and how long the text is", () => {
    expect(parseSelector(huge)).toMatchObject({
      undecidable: true,
      message: `${huge.length} characters, of which 65536 at most are looked at`,
    });
  });

  test.each<[string, JsonObject]>([
    ["its selector", { selector: huge, ingress: [deny] }],
    ["its namespace selector", { namespaceSelector: huge, ingress: [deny] }],
    ["its service account selector", { serviceAccountSelector: huge, ingress: [deny] }],
    ["a rule's selector", { ingress: [{ ...deny, source: { selector: huge } }] }],
    ["a rule's negated selector", { ingress: [{ ...deny, source: { notSelector: huge } }] }],
    ["a rule's namespace selector", { ingress: [{ ...deny, source: { namespaceSelector: huge } }] }],
    [
      "a rule's service accounts",
      { ingress: [{ ...deny, source: { serviceAccounts: { selector: huge } } }] },
    ],
    [
      "a rule's nets",
      { ingress: [{ ...deny, source: { nets: Array.from({ length: 140_000 }, () => "10.0.0.1") } }] },
    ],
  ])("%s: what it could deny is unknown, what it could not stays as it is", (_, spec) => {
    const policy = aPolicy({ types: ["Ingress"], ...spec });
    expect(ask([policy])).toMatchObject({
      verdict: "unknown",
      reason: "unknown-selector",
      decidedBy: { policy: "p" },
    });
    expect(ask([policy], "out tcp/80").verdict).toBe("allow");
  });

  test("the end of a tier that only such policies meet is in doubt; a certain policy beside them settles it", () => {
    const doubtful = aPolicy({ tier: "t", selector: huge, types: ["Ingress"], ingress: [] }, "t.doubtful");
    const certain = aPolicy({ tier: "t", selector: "all()", types: ["Ingress"], ingress: [] }, "t.certain");
    expect(ask([aTier("t"), doubtful])).toMatchObject({ verdict: "unknown", reason: "unknown-selector" });
    expect(ask([aTier("t"), doubtful, certain])).toMatchObject({ verdict: "deny", reason: "end-of-tier" });
  });

  test("a doubt that changes nothing does not matter", () => {
    const allowing = aPolicy(
      { order: 1, selector: huge, types: ["Ingress"], ingress: [{ action: "Allow" }] },
      "a",
    );
    const all = aPolicy(
      { order: 2, selector: "all()", types: ["Ingress"], ingress: [{ action: "Allow" }] },
      "b",
    );
    expect(ask([allowing, all])).toMatchObject({ verdict: "allow", reason: "rule" });
  });

  test("a policy before it is not in doubt", () => {
    const first = aPolicy({ order: 1, selector: "all()", types: ["Ingress"], ingress: [deny] }, "a");
    const second = aPolicy(
      { order: 2, selector: huge, types: ["Ingress"], ingress: [{ action: "Allow" }] },
      "b",
    );
    expect(ask([first, second])).toMatchObject({ verdict: "deny", decidedBy: { policy: "a" } });
  });

  test("a policy for pods, and Kubernetes' own, do the same for pods", () => {
    const policy: KubernetesObject = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "p", namespace: "default" },
      spec: {
        podSelector: {
          matchExpressions: [{ key: "app", operator: "In", values: Array(20_000).fill("web") }],
        },
        policyTypes: ["Ingress"],
      },
    };
    const { policies, notes } = aWorld([policy]);
    expect(policies.tiers[0]?.policies[0]?.undecidable).toMatch(/^spec.podSelector: \d+ characters/);
    expect(notes).toMatchObject([{ object: "NetworkPolicy/default/p" }]);
  });

  test("a FelixConfiguration that may be for a node makes that node's Felix unknown", () => {
    const felix: KubernetesObject = {
      apiVersion: "crd.projectcalico.org/v1",
      kind: "FelixConfiguration",
      metadata: { name: "some" },
      spec: { nodeSelector: huge, bpfEnabled: true },
    };
    expect(ask([felix])).toMatchObject({ verdict: "unknown", reason: "unknown-felix" });
    const named = { ...felix, metadata: { name: "node.other" } };
    expect(ask([named]).verdict).toBe("allow");
  });

  test("the object, the field, the cause and the fix are named", () => {
    const policy = aPolicy({ types: ["Ingress"], ingress: [{}, { source: { selector: huge } }] }, "big");
    const note = "undecidable: spec.ingress[1].source.selector:";
    expect(aWorld([policy]).notes[0]).toMatchObject({
      object: "GlobalNetworkPolicy/big",
      message: expect.stringContaining(note) as unknown,
    });
    expect(findPoison([policy])).toMatchObject([
      {
        object: "GlobalNetworkPolicy/big",
        field: "spec.ingress[1].source.selector",
        effect: "undecidable",
        fix: "Say the same in fewer words, or in several policies.",
      },
    ]);
  });

  test("one such policy ends no run: nodes that it cannot touch are written, the others wait with the reason", () => {
    const policy = (spec: JsonObject) => aGlobalNetworkPolicy("big", spec);
    const harmless = guardPlan(
      aGuardRequest({
        nodes: ["node-1", "node-2"],
        policies: [policy({ selector: huge, types: ["Ingress"], ingress: [{ action: "Allow" }] })],
      }),
    );
    expect(harmless.findings.map((it) => it.code)).toContain("undecidable-object");
    const harmful = guardPlan(
      aGuardRequest({
        nodes: ["node-1", "node-2"],
        policies: [
          policy({ selector: huge, types: ["Ingress"], ingress: [{ action: "Deny", protocol: "TCP" }] }),
        ],
      }),
    );
    expect(harmful.withheld.map(({ violation }) => violation.reason)).toEqual([
      "essential-flow-unknown",
      "essential-flow-unknown",
    ]);
    expect(harmful.withheld[0]?.violation.detail).toContain(
      "policy big (tier default) has a selector or a list",
    );
  });
});
