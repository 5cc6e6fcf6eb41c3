import { expect, test } from "@jest/globals";
import { comparePolicies, compareTiers, type OrderedTier } from "../../../lib/policy/world/order.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly tiers: readonly { readonly name: string; readonly order?: number | null }[];
  readonly policies: readonly {
    readonly tier: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly order?: number | null;
  }[];
  readonly order_full: readonly (readonly string[])[];
};

function orderOf({ tiers, policies }: Case): readonly (readonly string[])[] {
  const placed = policies.map((policy) => ({
    ...policy,
    tier: policy.tier === "" ? "default" : policy.tier,
    order: policy.order ?? undefined,
  }));
  const existing = tiers.map(({ name, order }): OrderedTier => ({
    name,
    exists: true,
    order: order ?? 1_000_000,
  }));
  const missing = [...new Set(placed.map(({ tier }) => tier))]
    .filter((name) => !tiers.some((tier) => tier.name === name))
    .map((name): OrderedTier => ({ name, exists: false, order: undefined }));
  return [...existing, ...missing].sort(compareTiers).flatMap((tier) =>
    placed
      .filter((policy) => policy.tier === tier.name)
      .sort(comparePolicies)
      .map((policy) => [tier.name, policy.kind, policy.namespace, policy.name]),
  );
}

describeOracle("policy-order.jsonl", () => {
  test("the order in which Felix asks", () => {
    const cases = oracleCases<Case>("policy-order.jsonl");
    const wrong = cases.filter(
      (recorded) => JSON.stringify(orderOf(recorded)) !== JSON.stringify(recorded.order_full),
    );
    printAgreement("policy-order.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
