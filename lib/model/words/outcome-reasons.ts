import type { Word } from "./word.ts";

const NOTHING = "Nothing to do.";

/** Why a write is planned, or was done. */
export const CHANGE_REASONS = {
  missing: { meaning: "A node lacks an endpoint that a template gives it.", fix: NOTHING },
  drift: {
    meaning: "An endpoint of ours is not as its template says; `changes` lists the fields.",
    fix: NOTHING,
  },
  "node-gone": { meaning: "The endpoint's Node does not exist any more.", fix: NOTHING },
  "no-template": {
    meaning: "The Node lives, and no template gives it this endpoint.",
    fix: "Check the settings.",
  },
  released: { meaning: "A release, or the rollback of a canary, removes the endpoint.", fix: NOTHING },
  "calico-auto": { meaning: "`adopt` takes over an endpoint that Calico's controller made.", fix: NOTHING },
  "other-installation": {
    meaning: "`adopt` takes over an endpoint of another installation.",
    fix: "See that the two installations select different nodes.",
  },
  unknown: { meaning: "`adopt` takes over an endpoint that bears nobody's mark.", fix: NOTHING },
} as const satisfies { readonly [reason: string]: Word };
export type ChangeReason = keyof typeof CHANGE_REASONS;

/** Why a write that was allowed was not needed any more when it came to it. */
export const NO_LONGER_NEEDED_REASONS = {
  "changed-meanwhile": {
    meaning: "Somebody else did it, or the world moved, between plan and write.",
    fix: NOTHING,
  },
  "owned-already": { meaning: "`adopt`: the endpoint is ours already.", fix: NOTHING },
} as const satisfies { readonly [reason: string]: Word };
export type NoLongerNeededReason = keyof typeof NO_LONGER_NEEDED_REASONS;

/** Why a write failed, as its answer was classified. */
export const FAILURE_CAUSES = {
  conflict: {
    meaning: "The object changed under the write, again and again.",
    fix: "The next run tries again.",
  },
  throttled: { meaning: "The API server asked us to slow down.", fix: "The next run tries again." },
  denied: { meaning: "The API server or an admission webhook refused the write.", fix: "`hepctl doctor`" },
  unreachable: {
    meaning: "The API server was not reached, or the connection broke.",
    fix: "`hepctl doctor`",
  },
  invalid: { meaning: "The API server found the object invalid.", fix: "The detail says which field." },
  "out-of-time": { meaning: "The run's time was over before the write.", fix: "The next run goes on." },
  "server-error": { meaning: "The API server failed (5xx).", fix: "Look at the control plane's health." },
  "not-as-written": {
    meaning: "The API server took the write and serves something else.",
    fix: "Look for a webhook or another writer that changes it.",
  },
  "held-by-finalizer": {
    meaning: "The endpoint was deleted and is still in force: somebody's finalizer keeps it.",
    fix: "The detail names the finalizer and who set it; have its owner remove it.",
  },
} as const satisfies { readonly [cause: string]: Word };
export type FailureCause = keyof typeof FAILURE_CAUSES;

/** What can keep a command from even trying. */
export const FAILURE_REASONS = {
  ...FAILURE_CAUSES,
  "not-found": {
    meaning: "`adopt`: there is no host endpoint of this name.",
    fix: "Give names as `hepctl plan` prints them.",
  },
} as const satisfies { readonly [reason: string]: Word };
export type FailureReason = keyof typeof FAILURE_REASONS;
