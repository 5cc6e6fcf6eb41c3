/** The order in which Felix asks tiers and policies. */
import { ascending } from "../../model/ascending.ts";

/** What decides a tier's place. */
export type OrderedTier = {
  readonly name: string;
  /** False for a tier that policies name but nobody created. */
  readonly exists: boolean;
  readonly order: number | undefined;
};

/** What decides a policy's place inside its tier. */
export type OrderedPolicy = {
  readonly order: number | undefined;
  /** Orders policies of equal `order` (version/place-policy.ts). */
  readonly tieBreaker: string;
};

/** Existing tiers first, then by order (none is last), then by name. Source: docs/calico.md 5.1. */
export const compareTiers = ascending<OrderedTier>(
  (it) => (it.exists ? 0 : 1),
  placeOf,
  (it) => it.name,
);

/** By order (none is last); then by what breaks ties in this version. Source: docs/calico.md 5.2. */
export const comparePolicies = ascending<OrderedPolicy>(placeOf, (it) => it.tieBreaker);

function placeOf({ order }: { readonly order: number | undefined }): number {
  return order ?? Infinity;
}
