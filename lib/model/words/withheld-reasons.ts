import type { Word } from "./word.ts";

/** Why a write that the plan wants is not done now. */
export const WITHHELD_REASONS = {
  "observe-stage": {
    meaning: "The stage is `observe`: everything is computed and nothing is written.",
    fix: "Set `stage: canary` or `stage: enforce` when the plan is what you want.",
  },
  "canary-wait": {
    meaning: "A canary of the node's group is on trial, or none could be chosen yet.",
    fix: "Nothing to do: a later run goes on. `stage: enforce` skips it.",
  },
  "canary-rolled-back": {
    meaning: "A canary fell ill and the rollout is stopped.",
    fix: "Find out why, then delete the mark that the finding names, or set `stage: enforce`.",
  },
  "changed-meanwhile": {
    meaning:
      "Something changed while the run wrote, and the write would now cut an essential flow: it was taken back.",
    fix: "See who changed the object; the next run proves anew.",
  },
  "provider-unknown": {
    meaning:
      "The node serves the API of a cluster whose provider is not known, and the write would narrow it.",
    fix: "Say `provider:` in the settings, or name the flows under `essentialFlows`.",
  },
  "delete-budget": {
    meaning: "More endpoints would be deleted at once than the budget allows.",
    fix: "See whether so many nodes are meant to be gone.",
  },
  "delete-unconfirmed": {
    meaning:
      "The Node lives and no template wants its endpoint any more: a change of settings, or a mistake.",
    fix: "Correct the settings, or confirm with `hepctl confirm-deletes --until TIME`.",
  },
  "empty-cluster": {
    meaning: "The API server lists no Node at all; nothing is deleted.",
    fix: "If the cluster is really empty: `hepctl release --yes`.",
  },
  "unresolvable-profile": {
    meaning: "The template names a profile that nobody can prove to exist; Felix would deny everything.",
    fix: "`profiles: [projectcalico-default-allow]`, or `profiles: []` for default deny.",
  },
  "no-addresses": {
    meaning: "The endpoint would have no address, and selectors in rules would not see the node.",
    fix: "Check the Node's addresses and the entry's `addresses` and `cidrs`.",
  },
  "too-many-addresses": {
    meaning: "The Node lists more addresses than are proven.",
    fix: "See who writes the status of this Node, and correct it.",
  },
  "calico-auto-host-endpoints": {
    meaning: "Calico's own controller makes host endpoints; two owners of one node end badly.",
    fix: "Take them over: `hepctl import`, `hepctl adopt`, then set autoCreate to Disabled.",
  },
  "essential-flow-cut": {
    meaning: "The write would deny an essential flow that is allowed now.",
    fix: "Apply what `hepctl baseline` prints, or allow the flow in a policy.",
  },
  "essential-flow-unknown": {
    meaning: "Nobody can prove that the write leaves every essential flow alone.",
    fix: "The detail says what would have to be known; what `hepctl baseline` prints makes it certain.",
  },
  "poison-object": {
    meaning: "Calico freezes or crashes over an object, so what is proven is not what it does.",
    fix: "Correct or delete the object that the detail names.",
  },
  "migration-in-progress": {
    meaning: "Calico is moving its objects between API groups; a write would be lost.",
    fix: "Wait until the migration is complete.",
  },
  "datastore-locked": {
    meaning: "Calico's datastore is locked.",
    fix: "Finish or abort the migration that locked it.",
  },
  "group-unclear": {
    meaning: "Both of Calico's API groups are served, and nothing tells which of them Calico reads.",
    fix: "Remove the definitions of the group that Calico does not use.",
  },
  loosens: {
    meaning: "The write would open to a node what is closed to it now.",
    fix: "Correct the settings; if it is meant: `--accept-loosening`, once.",
  },
  "not-wanted": {
    meaning: "`adopt`: the next owner would delete the endpoint, for no entry or template of its wants it.",
    fix: "The detail says which entry is missing, or how to keep it as it is.",
  },
  "skipped-endpoint": {
    meaning: "`adopt`: Calico skips the endpoint; taken over, it would come into force unproven.",
    fix: "Delete it; the next reconcile makes the right one.",
  },
} as const satisfies { readonly [reason: string]: Word };
export type WithheldReason = keyof typeof WITHHELD_REASONS;
