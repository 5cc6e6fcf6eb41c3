/**
 * A release of Calico, as far as rules depend on it (docs/calico-versions.md). `master` is the newest development state that the
 * rules were read from: it comes after every release.
 */
export type CalicoVersion = { readonly major: number; readonly minor: number; readonly patch: number };
