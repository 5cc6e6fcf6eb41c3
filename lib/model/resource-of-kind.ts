/** The plural by which the API names a kind: `GlobalNetworkPolicy` -> `globalnetworkpolicies`. */
export function resourceOfKind(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
