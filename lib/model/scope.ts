/**
 * Where to look: everything, or some nodes (by name) and the nodes of some EC2 instances. A resync widens what is read, never what
 * is known of each record: the instances that were named are looked up all the same.
 */
export type Scope =
  | { readonly kind: "cluster"; readonly instances?: readonly string[] }
  | { readonly kind: "nodes"; readonly nodes: readonly string[]; readonly instances: readonly string[] };
