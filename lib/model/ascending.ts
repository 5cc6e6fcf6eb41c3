/** What a list is sorted by; all of one list are of one type. */
export type SortKey = string | number | bigint;

/** Sorts by these keys, one after the other: `items.sort(ascending((it) => it.name))`. */
export function ascending<Item>(...keys: readonly ((item: Item) => SortKey)[]): (a: Item, b: Item) => number {
  return (a, b) => {
    for (const key of keys) {
      const order = compare(key(a), key(b));
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Texts by their code units, as the API server and Felix sort names (which are ASCII); never by the order of a human language. */
export function compare(a: SortKey, b: SortKey): number {
  // Of one type, so nothing is converted.
  const [first, second] = [a as string, b as string];
  return first < second ? -1 : first > second ? 1 : 0;
}
