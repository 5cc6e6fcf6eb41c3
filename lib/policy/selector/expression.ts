/** The tree of a selector, docs/calico.md 2.2. */
export type Expression =
  | { readonly kind: "all" | "global" }
  | { readonly kind: "has"; readonly label: string }
  | { readonly kind: Comparison; readonly label: string; readonly value: string }
  | { readonly kind: "in" | "not in"; readonly label: string; readonly values: readonly string[] }
  | { readonly kind: "!"; readonly operand: Expression }
  | { readonly kind: "&&" | "||"; readonly operands: readonly Expression[] };
export type Comparison = "==" | "!=" | "contains" | "starts with" | "ends with";
