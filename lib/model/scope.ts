/** Where to look: everything, or some nodes (by name) and the nodes of some EC2 instances. */
export type Scope =
  | { readonly kind: "cluster" }
  | { readonly kind: "nodes"; readonly nodes: readonly string[]; readonly instances: readonly string[] };
