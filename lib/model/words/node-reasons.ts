import type { Word } from "./word.ts";

const NOTHING = "Nothing to do.";

/** Why a node gets no endpoint at all. */
export const UNFIT_REASONS = {
  windows: { meaning: "Calico enforces no host endpoints on Windows.", fix: NOTHING },
  fargate: { meaning: "A Fargate node runs no Felix.", fix: NOTHING },
  "auto-mode": { meaning: "EKS Auto Mode allows no other CNI, so no Felix runs there.", fix: NOTHING },
  hybrid: {
    meaning: "A hybrid node's addresses are not known to EC2.",
    fix: "Select it in a template of its own.",
  },
  "no-template": {
    meaning: "No entry of `endpoints` selects the node.",
    fix: "Add an entry, or widen a selector, when it should have an endpoint.",
  },
  "outside-cidrs": {
    meaning: "None of the node's addresses is inside the `cidrs` of the entry of `endpoints`.",
    fix: "Widen `cidrs`, or select the node by another entry.",
  },
  "invalid-name": {
    meaning: "The name pattern gives a name that is invalid, or another node's.",
    fix: "Change the name pattern of the entry of `endpoints`.",
  },
} as const satisfies { readonly [reason: string]: Word };
export type UnfitReason = keyof typeof UNFIT_REASONS;

/** What is still missing for a settled endpoint. */
export const WAITING_REASONS = {
  "no-address": {
    meaning: "The Node lists no usable address that `addresses` and `cidrs` let through.",
    fix: "It mostly comes with time; if not, check the two settings.",
  },
  "labels-settling": {
    meaning: "The Node is young and its labels are not complete yet.",
    fix: "Nothing to do: a later run goes on.",
  },
} as const satisfies { readonly [reason: string]: Word };
export type WaitingReason = keyof typeof WAITING_REASONS;

/** How a node stands when nothing keeps it back; the rest of a node's reasons are those of its actions. */
export const STANDING_REASONS = {
  "as-desired": { meaning: "Every endpoint of the node is as its template says.", fix: NOTHING },
  planned: { meaning: "A reconcile would change an endpoint of the node.", fix: "`hepctl reconcile`" },
  "node-gone": { meaning: "The Node is gone, and its endpoint with it.", fix: NOTHING },
  "not-registered": {
    meaning: "Nobody has registered a Node of this name.",
    fix: "Check the name; a new machine registers soon.",
  },
  "foreign-host-endpoint": {
    meaning: "A foreign endpoint has the name that this node would get.",
    fix: "`hepctl adopt`, or change the name pattern.",
  },
  "essential-flow-denied": {
    meaning: "The node's endpoint denies an essential flow of it today.",
    fix: "Apply what `hepctl baseline` prints, or take the node out of the policy that denies it.",
  },
  "being-deleted": {
    meaning: "The node's endpoint is being deleted.",
    fix: "See who deleted it; the next run makes a new one.",
  },
  released: { meaning: "The node was released: nothing of ours governs it.", fix: NOTHING },
  adopted: { meaning: "The node's endpoint was taken over.", fix: NOTHING },
} as const satisfies { readonly [reason: string]: Word };
export type StandingReason = keyof typeof STANDING_REASONS;
