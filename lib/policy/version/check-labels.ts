const KEY = /^[a-zA-Z0-9_./-]{1,512}$/;
const VALUE = /^[a-zA-Z0-9]?([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/;

/**
 * True when Felix before 3.30.1 loses the object for its labels. Only the metadata annotation can hold such labels.
 * Source: docs/calico-versions.md, correction 2.
 */
export function hasInvalidLabels(labels: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of labels) if (!KEY.test(key) || !VALUE.test(value)) return true;
  return false;
}
