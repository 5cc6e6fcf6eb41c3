/** As few writes as can be are refused: compared with every subset that would do. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isRefused, leastRefusal, type Choice } from "../../../lib/guard/proof/least-refusal.ts";
import { worthOf } from "../../../lib/guard/proof/worth-of.ts";
import type { Node } from "../../../lib/model/node.ts";
import type { Action } from "../../../lib/model/plan.ts";
import { aDesiredHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { aNode, type NodeSketch } from "../../builders/a-node.ts";
import { lawRuns } from "../law-runs.ts";

const creation = (name: string): Action => ({
  kind: "create",
  name,
  node: name,
  desired: aDesiredHostEndpoint({ name }),
});
const actions = Array.from({ length: 7 }, (_, index) => creation(`node-${index}`));

const side = fc.subarray(actions, { minLength: 1, maxLength: 4 });
const choices = fc.array(fc.record({ own: side, other: side }), { maxLength: 6 });

function isEnough(refused: ReadonlySet<Action>, all: readonly Choice[]): boolean {
  return all.every(({ own, other }) => isRefused(own, refused) || isRefused(other, refused));
}

test("law: one side of each pair is refused, at the least price, whatever is refused anyway", () => {
  const price = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(choices, price, fc.subarray(actions, { maxLength: 2 }), (all, prices, anyway) => {
      const worth = (it: Action) => prices[actions.indexOf(it)] ?? 0;
      const priceOf = (refused: ReadonlySet<Action>) =>
        [...refused].filter((it) => !anyway.includes(it)).reduce((sum, it) => sum + worth(it), 0);
      const refused = leastRefusal(all, new Set(anyway), worth);
      expect(isEnough(refused, all)).toBe(true);
      expect(anyway.every((it) => refused.has(it))).toBe(true);
      const subsets = Array.from({ length: 2 ** actions.length }, (_, bits) =>
        actions.filter((it, index) => ((bits >> index) & 1) === 1 || anyway.includes(it)),
      );
      const least = Math.min(
        ...subsets
          .map((it) => new Set(it))
          .filter((it) => isEnough(it, all))
          .map(priceOf),
      );
      expect(priceOf(refused)).toBe(least);
    }),
    { numRuns: lawRuns(300) },
  );
});

test("five thousand nodes that quarrel with one: the one waits", () => {
  const many = Array.from({ length: 5_000 }, (_, index) => creation(`n-${index}`));
  const evil = creation("evil");
  const all = Array.from({ length: 40 }, (): Choice => ({ own: [...many], other: [evil] }));
  expect([...leastRefusal(all, new Set(), () => 2)]).toEqual([evil]);
});

test.each<readonly [string, NodeSketch, Partial<Node>]>([
  [
    "that lists another's address",
    { createdAt: "2026-11-21T00:00:00Z" },
    { contested: [{ address: "10.0.0.9", owner: "x" }] },
  ],
  [
    "that lists nobody's address",
    { createdAt: "2026-11-21T00:00:00Z" },
    { refused: [{ type: "ExternalIP", address: "127.0.0.1", because: "loopback" }] },
  ],
  ["that only EC2 could confirm", { createdAt: "2026-11-21T00:00:00Z" }, { unconfirmed: true }],
  ["that came later", { createdAt: "2026-11-23T00:00:00Z" }, {}],
])("of two that quarrel the one waits %s", (_name, sketch, doubt) => {
  const nodes = [{ ...aNode({ ...sketch, name: "waits" }), ...doubt }, aNode({ name: "goes-on" })];
  const both = [creation("waits"), creation("goes-on")] as const;
  const worth = worthOf(nodes, both);
  expect([...leastRefusal([{ own: [both[0]], other: [both[1]] }], new Set(), worth)]).toEqual([both[0]]);
  expect([...leastRefusal([{ own: [both[1]], other: [both[0]] }], new Set(), worth)]).toEqual([both[0]]);
});
