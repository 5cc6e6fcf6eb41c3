import type { FindingWord, Severity, Word } from "./word.ts";
import { UNFIT_REASONS, WAITING_REASONS } from "./node-reasons.ts";

/** What is said of single objects: in files, in the cluster, and of those that a person named. */
export const OBJECT_FINDINGS = {
  "ignored-object": {
    severity: { warning: "always" },
    meaning: "An object in a file does not count, because its kind or group is misspelt.",
    fix: "The finding names the right spelling.",
  },
  "not-looked-at": {
    severity: { info: "always" },
    meaning: "`impact`: a changed object does not decide about the traffic of nodes, or is staged.",
    fix: "Nothing to do; `--staged` looks at staged policies too.",
  },
  "refused-object": {
    severity: { error: "always" },
    meaning: "`impact`: the API server or Calico would refuse a changed object.",
    fix: "Correct the object as the message says.",
  },
  "traffic-sampled": {
    severity: { warning: "always" },
    meaning: "`impact`: a part of the ordinary traffic was left out; essential flows were all looked at.",
    fix: "Look at one change at a time, or ask for single flows with `hepctl simulate`.",
  },
  "unknown-field": {
    severity: { warning: "always" },
    meaning: "An object in a file has a field that no version of Calico reads: it does nothing.",
    fix: "The finding names the field; correct its spelling or take it out.",
  },
  "replaced-object": {
    severity: { info: "always" },
    meaning: "Files hold an object more than once; the last one counts.",
    fix: "Nothing to do when that is meant.",
  },
  "policy-types-assumed": {
    severity: { info: "always" },
    meaning: "A policy in a file has no `types`; those that applying it would set are assumed.",
    fix: "Write the `types` that are meant.",
  },
  "skipped-endpoint": {
    severity: { error: "a node of ours would get its name", warning: "otherwise" },
    meaning:
      "Calico skips a host endpoint, because its metadata annotation cannot be read: it protects nothing.",
    fix: "Delete it: the next reconcile makes the right one, behind the guard.",
  },
  "skipped-object": {
    severity: { warning: "always" },
    meaning: "Calico skips an object, because its metadata annotation cannot be read.",
    fix: "Delete it, or remove the annotation; without it the object takes force at once.",
  },
  "ignored-by-felix": {
    severity: { warning: "always" },
    meaning: "Felix does not use an object, or a part of it.",
    fix: "The message says what and why.",
  },
  "other-installation": {
    severity: { warning: "always" },
    meaning: "The endpoint that is adopted belongs to another installation.",
    fix: "See that the two installations select different nodes.",
  },
  "switch-off": {
    severity: { info: "always" },
    meaning:
      "`adopt --from auto`: Calico still makes host endpoints, which is to be switched off once all are taken over.",
    fix: "The command of the finding; then run the same command again.",
  },
  "switch-on": {
    severity: { info: "always" },
    meaning: "`adopt --to auto`: Calico makes no host endpoints now, and is to be switched on first.",
    fix: "The command of the finding; then run the same command again.",
  },
  "stop-ours": {
    severity: { info: "always" },
    meaning: "`adopt --to`: what was given back is not touched by us any more; our installation can go.",
    fix: "The steps of the finding.",
  },
  "not-wanted": {
    severity: { warning: "always" },
    meaning:
      "The next reconcile deletes the endpoint that is adopted: its node is gone, or no template wants it.",
    fix: "Add an entry with its name pattern to the settings before the next reconcile.",
  },
  ...asFindings(UNFIT_REASONS, { warning: "always" }),
  ...asFindings(WAITING_REASONS, { info: "always" }),
} as const satisfies { readonly [code: string]: FindingWord };

/** `explain` says the reason of a node as a finding. */
function asFindings<T extends { readonly [reason: string]: Word }, S extends Severity>(
  words: T,
  severity: { readonly [It in S]: string },
): { readonly [Reason in keyof T]: Word & { readonly severity: { readonly [It in S]: string } } } {
  const entries = Object.entries<Word>(words).map(([reason, word]) => [reason, { ...word, severity }]);
  return Object.fromEntries(entries) as ReturnType<typeof asFindings<T, S>>;
}
