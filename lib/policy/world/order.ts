/** The order in which Felix asks tiers and policies. */

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
export function compareTiers(a: OrderedTier, b: OrderedTier): number {
  if (a.exists !== b.exists) return a.exists ? -1 : 1;
  return compareOrders(a.order, b.order) || compareBytes(a.name, b.name);
}

/** By order (none is last); then by what breaks ties in this version. Source: docs/calico.md 5.2. */
export function comparePolicies(a: OrderedPolicy, b: OrderedPolicy): number {
  return compareOrders(a.order, b.order) || compareBytes(a.tieBreaker, b.tieBreaker);
}

/** Byte order, not the locale's. Names are ASCII, where code units are bytes. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareOrders(a: number | undefined, b: number | undefined): number {
  const first = a ?? Infinity;
  const second = b ?? Infinity;
  return first < second ? -1 : first > second ? 1 : 0;
}
