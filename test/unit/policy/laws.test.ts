import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Flow } from "../../../lib/model/flow.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import {
  formatAddress,
  formatNetwork,
  parseAddress,
  parseNetwork,
} from "../../../lib/address/parse-address.ts";
import {
  evaluateSelector,
  isSelectorError,
  parseSelector,
  type Expression,
  type Selector,
} from "../../../lib/policy/selector/parse-selector.ts";
import { printExpression } from "../../../lib/policy/selector/print-expression.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { aWorld } from "../../builders/a-world.ts";
import { CLIENT, NODES, aPolicy, aTier, anEndpoint } from "./worlds.ts";

const label = fc.constantFrom("role", "zone", "a.b/c", "in", "has");
const text = fc.constantFrom("", "db", "web", "d", "it's", 'a"b');
const labels = fc.dictionary(label, text);
const comparison = fc.constantFrom("==", "!=", "contains", "starts with", "ends with");
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Expression>({ kind: "all" }, { kind: "global" }),
    fc.record({ kind: fc.constant("has" as const), label }),
    fc.record({ kind: comparison, label, value: text }) as fc.Arbitrary<Expression>,
    fc.record({
      kind: fc.constantFrom("in", "not in"),
      label,
      values: fc.array(text, { maxLength: 3 }),
    }) as fc.Arbitrary<Expression>,
    fc.record({ kind: fc.constant("!" as const), operand: tie("expression") }),
    fc.record({
      kind: fc.constantFrom("&&", "||"),
      operands: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }),
    }) as fc.Arbitrary<Expression>,
  ),
}));

function parsed(source: string): Selector {
  const selector = parseSelector(source);
  if (isSelectorError(selector)) throw new Error(`${source}: ${selector.message}`);
  return selector;
}

describe("selectors", () => {
  test("what is printed parses, and means the same", () => {
    fc.assert(
      fc.property(expression, labels, (tree, values) => {
        // The parser drops pairs of negations, so the first text is only canonical after one reading.
        const printed = printExpression(parsed(printExpression(tree)).expression);
        const again = parsed(printed);
        expect(printExpression(again.expression)).toBe(printed);
        expect(evaluateSelector(again, values)).toBe(evaluateSelector(parsed(printExpression(tree)), values));
      }),
    );
  });

  test("De Morgan", () => {
    fc.assert(
      fc.property(expression, expression, labels, (a, b, values) => {
        const [left, right] = [printExpression(a), printExpression(b)];
        const holds = (source: string): boolean => evaluateSelector(parsed(source), values);
        expect(holds(`!(${left} && ${right})`)).toBe(holds(`!(${left}) || !(${right})`));
        expect(holds(`!(${left} || ${right})`)).toBe(holds(`!(${left}) && !(${right})`));
      }),
    );
  });

  test("no text makes the parser throw, and errors point into the text", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(..."ab!=&|(){}'\" \t\n,".split(""), "has(", "all()", " in ", "starts with"),
        }),
        (source) => {
          const selector = parseSelector(source);
          if (isSelectorError(selector)) expect(selector.position).toBeLessThanOrEqual(source.length);
        },
      ),
    );
  });
});

test("addresses and networks: the canonical text reads back as the same", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32), (address, prefix) => {
      const read = parseAddress(address);
      if (read === undefined) return;
      expect(parseAddress(formatAddress(read))).toEqual(read);
      const network = parseNetwork(`${address}/${prefix}`);
      if (network !== undefined) expect(parseNetwork(formatNetwork(network))).toEqual(network);
    }),
  );
});

const port = fc.constantFrom(22, 80, 443, 6443);
const rule = fc.record(
  {
    action: fc.constantFrom("Allow", "Deny", "Pass", "Log"),
    protocol: fc.constantFrom("TCP", "UDP"),
    source: fc.constantFrom<JsonObject>(
      { nets: ["198.51.100.0/24"] },
      { selector: "role == 'web'" },
      { notNets: ["fd00::/8"] },
      {},
    ),
    destination: fc.record({ ports: fc.array(port, { minLength: 1, maxLength: 2 }) }),
  },
  { requiredKeys: ["action", "protocol"] },
);
const policy = fc.record(
  {
    tier: fc.constantFrom("default", "first", "ghost"),
    order: fc.constantFrom(1, 2, 3),
    selector: fc.constantFrom("all()", "role == 'web'", "role == 'db'"),
    types: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
    applyOnForward: fc.boolean(),
    ingress: fc.array(rule, { maxLength: 3 }),
    egress: fc.array(rule, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const policies = fc
  .array(policy, { maxLength: 6 })
  .map((specs) => specs.map((spec, index) => aPolicy(spec as unknown as JsonObject, `p${index}`)));
const endpoint = fc.constantFrom(
  anEndpoint(),
  anEndpoint({ profiles: ["projectcalico-default-allow"] }),
  anEndpoint({ interfaceName: "*" }),
  anEndpoint({ interfaceName: "" }),
);
const flow = fc
  .record({
    direction: fc.constantFrom("ingress" as const, "egress" as const),
    port,
    protocol: fc.constantFrom("tcp", "udp"),
  })
  .map(({ direction, port: number, protocol }): Flow => {
    const [self, peer] = [{ ip: "192.0.2.10" }, { ip: CLIENT }];
    return direction === "ingress"
      ? { node: "x", direction, protocol, source: peer, destination: { ...self, port: number } }
      : { node: "x", direction, protocol, source: self, destination: { ...peer, port: number } };
  });
const tiers: readonly KubernetesObject[] = [aTier("first", { order: 1, defaultAction: "Pass" })];

describe("verdicts", () => {
  test("the order of the objects does not matter", () => {
    fc.assert(
      fc.property(
        policies,
        endpoint,
        flow,
        fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
        (given, host, asked, keys) => {
          const objects = [...NODES, ...tiers, host, ...given];
          const shuffled = objects
            .map((object, index) => ({ object, key: keys[index] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ object }) => object);
          expect(verdictFor(aWorld(shuffled), asked)).toEqual(verdictFor(aWorld(objects), asked));
        },
      ),
    );
  });

  test("telling the story does not change the end", () => {
    fc.assert(
      fc.property(policies, endpoint, flow, (given, host, asked) => {
        const world = aWorld([...NODES, ...tiers, host, ...given]);
        const { path, ...told } = verdictFor(world, asked, { path: true });
        expect(path.length).toBeGreaterThan(0);
        expect({ ...told, path: [] }).toEqual(verdictFor(world, asked));
      }),
    );
  });

  test("a policy that allows everything, first in a first tier, allows what normal policy governs", () => {
    fc.assert(
      fc.property(policies, endpoint, flow, (given, host, asked) => {
        const allow = aPolicy(
          {
            tier: "top",
            types: ["Ingress", "Egress"],
            ingress: [{ action: "Allow" }],
            egress: [{ action: "Allow" }],
          },
          "allow",
        );
        const world = aWorld([...NODES, ...tiers, aTier("top", { order: -1 }), host, ...given, allow]);
        expect(verdictFor(world, asked).verdict).toBe("allow");
      }),
    );
  });

  test("a staged policy changes nothing", () => {
    fc.assert(
      fc.property(policies, endpoint, flow, (given, host, asked) => {
        const objects = [...NODES, ...tiers, host, ...given];
        const staged = {
          ...aPolicy({ tier: "first", order: 0, ingress: [{ action: "Deny" }] }, "s"),
          kind: "StagedGlobalNetworkPolicy",
        };
        expect(verdictFor(aWorld([...objects, staged]), asked)).toEqual(verdictFor(aWorld(objects), asked));
      }),
    );
  });
});
