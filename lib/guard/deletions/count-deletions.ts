/**
 * Counts the deletions of a plan against what may be deleted within ten minutes, whoever deletes.
 *
 * In: the plan and the snapshot. Out: for each class of deletion, which may go and why the others wait.
 * Must never happen: a run that goes on where another one had to stop. An endpoint whose deletion was over the budget bears a
 * mark (`WAITS_ANNOTATION`), and while one of them waits, no further deletion of its class goes without a person.
 */
import { instanceIdFor } from "../../snapshot/read-departures.ts";
import {
  DELETION_WINDOW_SECONDS,
  readLedger,
  sumOf,
  type DeletionClass,
  type DeletionCounts,
  type LedgerEntry,
} from "../../model/deletion-ledger.ts";
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Action, DeleteAction } from "../../model/plan.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { CONFIRMED_ANNOTATION, HALT_NODE, WAITS_ANNOTATION } from "../../names/names.ts";
import { isOwned } from "../../plan/ownership.ts";
import type { GuardRequest } from "../rule.ts";

export type CountedClass = {
  readonly class: DeletionClass;
  /** Of the plan, in its order; confirmed ones are not counted. */
  readonly deletes: readonly DeleteAction[];
  /** How many of them may go, the first ones. */
  readonly may: number;
  /** Everywhere in the cluster, as far as it was read. */
  readonly pending: number;
  /** In the last ten minutes. */
  readonly recent: number;
  readonly budget: number;
  /** Earlier deletions of this class had to stop and still wait. */
  readonly isStopped: boolean;
};

export type CountedDeletions = {
  readonly classes: readonly CountedClass[];
  readonly ledger: readonly LedgerEntry[];
  /** Our endpoints, as they are. */
  readonly owned: number;
};

export const DELETION_MINUTES = DELETION_WINDOW_SECONDS / 60;

export function countDeletions({ plan, snapshot, safety }: GuardRequest): CountedDeletions {
  const ours = snapshot.hostEndpoints.filter((it) => isOwned(it, safety.id) && it.node !== HALT_NODE);
  const ledger = readLedger(ours, snapshot.takenAt);
  const recent = sumOf(ledger);
  const counted = plan.actions
    .filter(isCounted)
    .filter((it) => !isConfirmed(it.observed, snapshot))
    .map((action) => ({ action, class: classOf(action, snapshot) }));
  const waiting = orphansOf(ours, snapshot);
  const budgets = budgetsOf(safety.limits, ours.length, recent);
  const classes = (["proven", "unproven", "unwanted"] as const).map((it): CountedClass => {
    const deletes = counted.filter((deletion) => deletion.class === it).map(({ action }) => action);
    const orphans = waiting.filter((endpoint) => classOfOrphan(endpoint, snapshot) === it);
    const pending = it === "unwanted" ? deletes.length : Math.max(orphans.length, deletes.length);
    const isStopped = orphans.some(({ annotations }) =>
      it === "proven" ? annotations[WAITS_ANNOTATION] === it : annotations[WAITS_ANNOTATION] !== undefined,
    );
    const room = Math.max(0, budgets[it] - recent[it]);
    const may = isStopped
      ? 0
      : pending <= room
        ? deletes.length
        : // A run over some nodes leaves it to the one over all which of them go.
          snapshot.scope.kind === "cluster"
          ? Math.min(room, deletes.length)
          : 0;
    return { class: it, deletes, may, pending, recent: recent[it], budget: budgets[it], isStopped };
  });
  return { classes, ledger, owned: ours.length };
}

/** The share is of what there was when the window began: a fleet that shrinks step by step keeps its budget. */
export function budgetsOf(
  limits: GuardRequest["safety"]["limits"],
  owned: number,
  recent: DeletionCounts,
): DeletionCounts {
  const before = owned + recent.proven + recent.unproven + recent.unwanted;
  const share = Math.max(1, Math.floor(before * limits.deleteShare));
  return {
    proven: limits.provenDeletes,
    unproven: Math.min(limits.deletes, share),
    unwanted: limits.unwantedDeletes,
  };
}

/** Marks of a rollout belong to no node, and what a person asked for is asked for. */
function isCounted(action: Action): action is DeleteAction {
  return action.kind === "delete" && action.reason !== "released" && action.node !== HALT_NODE;
}

export function classOf(action: DeleteAction, snapshot: Snapshot): DeletionClass {
  return action.reason === "node-gone" ? classOfOrphan(action.observed, snapshot) : "unwanted";
}

function classOfOrphan(endpoint: HostEndpoint, { goneInstances }: Snapshot): "proven" | "unproven" {
  const instance = instanceIdFor(endpoint);
  return instance !== undefined && goneInstances?.has(instance) === true ? "proven" : "unproven";
}

function orphansOf(ours: readonly HostEndpoint[], snapshot: Snapshot): readonly HostEndpoint[] {
  const absent = new Set(snapshot.absentNodes);
  return ours.filter((it) => absent.has(it.node) && !it.deleting && !isConfirmed(it, snapshot));
}

function isConfirmed({ annotations }: HostEndpoint, { takenAt }: Snapshot): boolean {
  return Date.parse(annotations[CONFIRMED_ANNOTATION] ?? "") > Date.parse(takenAt);
}
