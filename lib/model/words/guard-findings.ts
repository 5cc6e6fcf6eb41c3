import type { FindingWord } from "./word.ts";

/** What the guard and the rollout say of a plan; `plan`, `reconcile` and `doctor` print them. */
export const GUARD_FINDINGS = {
  "essential-flow-cut": {
    severity: { error: "the flow's loss locks the node out", warning: "the node survives without the flow" },
    meaning:
      "A write that was planned would deny an essential flow that is allowed now; the write is withheld.",
    fix: "Apply what `hepctl baseline` prints, or allow the flow in a policy that is asked before the one that denies it.",
  },
  "essential-flow-unknown": {
    severity: { error: "the flow's loss locks the node out", warning: "the node survives without the flow" },
    meaning: "Nobody can prove that a planned write leaves an essential flow alone; the write is withheld.",
    fix: "The message says what would have to be known. Apply what `hepctl baseline` prints, or name the real addresses under `essentialFlows`.",
  },
  "essential-flow-denied": {
    severity: { error: "the flow's loss locks the node out", warning: "the node survives without the flow" },
    meaning: "An essential flow of a node is denied already, before anything is written.",
    fix: "Apply what `hepctl baseline` prints, or take the node out of the policy that denies it; on a node that is cut off, `infra/RUNBOOK.md`.",
  },
  "essential-flow-doubtful": {
    severity: { warning: "always" },
    meaning: "Nobody can tell whether an essential flow passes today.",
    fix: "The message says what would have to be known; what `hepctl baseline` prints makes it certain.",
  },
  "failsafe-gap": {
    severity: { error: "always" },
    meaning: "Felix's failsafe ports do not keep open an essential flow that a planned write would cut.",
    fix: "Run the command in the finding: it sets the failsafe lists with your own entries kept.",
  },
  "policy-starts-to-apply": {
    severity: { warning: "it has no allow rule for a direction that it governs", info: "otherwise" },
    meaning: "A policy that selects no host endpoint today will select some of those that are planned.",
    fix: "See whether it is meant for nodes; narrow its selector if not (pods have the label projectcalico.org/orchestrator).",
  },
  "policy-without-types": {
    severity: { warning: "always" },
    meaning:
      "A policy is stored without `types`, so it governs both directions, whatever its rules are about.",
    fix: "Add the `types` that are meant.",
  },
  "poison-object": {
    severity: {
      error: "Calico freezes or restarts over it",
      warning: "it does so only where kube-proxy uses nftables, and nobody tells",
    },
    meaning:
      "Calico freezes or crashes over an object that the API server accepted; what may tighten is withheld.",
    fix: "Correct or delete the object as the finding says.",
  },
  "dropped-by-felix": {
    severity: { warning: "always" },
    meaning: "Felix leaves out an object, or a rule of it.",
    fix: "Correct the field that the message names.",
  },
  "policy-migration-stalled": {
    severity: { warning: "always" },
    meaning: "Calico's kube-controllers stop at this object; they make no host endpoints any more.",
    fix: "Correct or delete the object as the finding says.",
  },
  "undecidable-object": {
    severity: { warning: "always" },
    meaning: "An object is larger than what is looked at here; flows that it could touch are unknown.",
    fix: "Split it, or shorten its lists and selectors.",
  },
  "foreign-host-endpoint": {
    severity: { warning: "always" },
    meaning: "A host endpoint that is not ours has the name that a node of ours would get.",
    fix: "Take it over with `hepctl adopt`, or change the name pattern of the entry of `endpoints`.",
  },
  "wins-precedence": {
    severity: { info: "always" },
    meaning:
      "A foreign host endpoint is on the same node and interface as ours; Felix uses ours, by its name.",
    fix: "Remove the foreign one, or take it over with `hepctl adopt`.",
  },
  "loses-precedence": {
    severity: { warning: "always" },
    meaning:
      "A foreign host endpoint is on the same node and interface as ours; Felix uses the foreign one, by its name.",
    fix: "Remove the foreign one, or take it over with `hepctl adopt`.",
  },
  "label-not-copied": {
    severity: { warning: "always" },
    meaning: "A node carries a label by which a policy takes hold, and the settings do not copy it.",
    fix: "Find out who set it; if nodes are meant to have it, copy it (`labels.include`) or set it for their group (`labels.set`).",
  },
  "address-refused": {
    severity: { warning: "always" },
    meaning: "A node lists an address that is no node's, or not its own; no endpoint gets it for this node.",
    fix: "See who writes the status of this Node; a public address counts when EC2 confirms it (`--cluster`).",
  },
  "address-unconfirmed": {
    severity: { info: "always" },
    meaning: "A node lists several addresses, EC2 could not be asked, and one of them was chosen.",
    fix: "Ask by `--cluster`, or start its kubelet with --node-ip.",
  },
  "foreign-endpoint-address": {
    severity: { warning: "always" },
    meaning:
      "A foreign host endpoint names an address that its node does not have; rules take another machine for it.",
    fix: "Ask whoever made it to correct spec.expectedIPs, or take it over with `hepctl adopt`.",
  },
  "address-of-another-node": {
    severity: { warning: "always" },
    meaning: "A node lists an address that belongs to another node; no endpoint gets it for this one.",
    fix: "See who writes the status of this Node; delete a Node whose machine is gone.",
  },
  "calico-auto-host-endpoints": {
    severity: { error: "always" },
    meaning: "Calico's own controller makes host endpoints for the same nodes; we create none beside it.",
    fix: "Take them over: `hepctl import`, `hepctl adopt`, then set autoCreate to Disabled.",
  },
  "empty-cluster": {
    severity: { error: "always" },
    meaning: "The API server lists no Node at all; nothing is deleted.",
    fix: "If the cluster is really empty: `hepctl release --yes`.",
  },
  "delete-budget": {
    severity: { error: "always" },
    meaning:
      "More endpoints of nodes that are gone would be deleted than the budget of ten minutes allows; the rest waits for a person.",
    fix: "See whether so many nodes are meant to be gone; if they are: `hepctl confirm-deletes --until 1h`.",
  },
  "delete-unconfirmed": {
    severity: { error: "always" },
    meaning:
      "Endpoints of nodes that live are wanted by no entry of `endpoints` any more; they wait for a person.",
    fix: "Correct the settings, or `hepctl confirm-deletes --until 1h`.",
  },
  "deletes-confirmed": {
    severity: { info: "always" },
    meaning: "A person confirmed deletions that waited; the next reconcile does them.",
    fix: "Nothing to do; taking the annotation off an endpoint takes the word back.",
  },
  "release-unverified": {
    severity: { error: "always" },
    meaning: "After a release the API server could not be asked what it still serves.",
    fix: "Release again: it goes on where it stopped, and looks.",
  },
  "settings-changed": {
    severity: { warning: "always" },
    meaning:
      "The endpoints were made with other settings than those of this run; the message says what differs in effect.",
    fix: "Check that `--config` names the right file.",
  },
  "being-deleted": {
    severity: { warning: "always" },
    meaning: "A node's endpoint is being deleted: it protects only until a finalizer lets it go.",
    fix: "See who deleted it, and which finalizer holds it.",
  },
  "changed-meanwhile": {
    severity: { error: "always" },
    meaning: "A policy or another object changed while a run wrote; what would now be cut was taken back.",
    fix: "See who changed the object; the next run proves anew.",
  },
  "not-looked-again": {
    severity: { warning: "always" },
    meaning: "Whether something changed while a run wrote could not be looked at.",
    fix: "Nothing to do when the next run says nothing of it.",
  },
  "provider-unknown": {
    severity: { warning: "always" },
    meaning:
      "No Node bears a sign of an installer or provider, so what else nodes must let through is not known.",
    fix: "Say `provider:` in the settings, or name the flows under `essentialFlows`.",
  },
  "provider-mixed": {
    severity: { info: "always" },
    meaning: "The Nodes bear signs of several providers; each gets the essential flows of all that it bears.",
    fix: "Say `provider:` in the settings when one of them is meant.",
  },
  loosens: {
    severity: { warning: "always" },
    meaning:
      "A planned write would open to a node what is closed to it now; it is withheld unless it was accepted.",
    fix: "See what opens it and correct the settings; if it is meant: `--accept-loosening`, once.",
  },
  "foreign-orphan": {
    severity: { warning: "a rule still counts its addresses", info: "otherwise" },
    meaning:
      "A foreign host endpoint is for a node that is gone; rules with selectors may take another machine for it.",
    fix: "`hepctl adopt --orphans` removes it, after asking for the Node once more.",
  },
  "canary-rolled-back": {
    severity: { error: "always" },
    meaning:
      "A canary fell ill: its endpoint was given the allow profile and removed, and the rollout is stopped.",
    fix: "Find out why, then delete the mark as the finding says, or set `stage: enforce`.",
  },
  "canary-soaking": {
    severity: { info: "always" },
    meaning: "A canary is on trial; its node group follows when it stays healthy.",
    fix: "Nothing to do: a later run goes on.",
  },
  "canary-unreadable": {
    severity: { error: "always" },
    meaning: "The health of a canary may not be read, so no canary can pass.",
    fix: "Apply what `hepctl rbac` prints, with `--with probe` where the settings ask for the probe.",
  },
} as const satisfies { readonly [code: string]: FindingWord };
