/**
 * What a run has to write down about its deletions, so that every other run knows: before it deletes, how many it deletes; and on
 * what is over the budget, that it waits for a person.
 *
 * In: what goes out in this run. Out: the same, with the claim and the marks.
 * Must never happen: several deletions that no other run can count.
 */
import { ascending } from "../../model/ascending.ts";
import type { DeletionClass, DeletionCounts } from "../../model/deletion-ledger.ts";
import { add, NO_DELETIONS, sumOf } from "../../model/deletion-ledger.ts";
import type { DeletionClaim, GuardedPlan, LetThrough, WaitingMark } from "../../model/guarded-plan.ts";
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Action, DeleteAction } from "../../model/plan.ts";
import { DELETIONS_ANNOTATION, HALT_NODE, WAITS_ANNOTATION } from "../../names/names.ts";
import { isOwned } from "../../plan/ownership.ts";
import type { GuardRequest } from "../rule.ts";
import { budgetsOf, countDeletions } from "./count-deletions.ts";

export function bookDeletions(guarded: GuardedPlan, request: GuardRequest): GuardedPlan {
  if (request.safety.stage === "observe" || request.snapshot.cluster.paused !== undefined) return guarded;
  const counted = countDeletions(request);
  const classes = new Map<Action, DeletionClass>(
    counted.classes.flatMap((it) => it.deletes.map((action) => [action, it.class] as const)),
  );
  const waits = guarded.withheld.flatMap(({ action, violation }): readonly WaitingMark[] => {
    const word = classes.get(action);
    if (violation.reason !== "delete-budget" || word === undefined || action.kind !== "delete") return [];
    return action.observed.annotations[WAITS_ANNOTATION] === undefined
      ? [{ observed: action.observed, class: word }]
      : [];
  });
  const deletes = guarded.allowed.filter(
    (it): it is LetThrough<DeleteAction> => it.kind === "delete" && classes.has(it),
  );
  const [first] = deletes;
  // One deletion a run is what ordinary life looks like; it leaves no trace while nobody counts.
  if (first === undefined || (deletes.length === 1 && counted.ledger.length === 0))
    return { ...guarded, waits };
  const counts = deletes.reduce<DeletionCounts>(
    (sum, it) => add(sum, { ...NO_DELETIONS, [classes.get(it) ?? "unproven"]: 1 }),
    NO_DELETIONS,
  );
  const going = new Set(guarded.allowed.flatMap((it) => (it.kind === "delete" ? [it.name] : [])));
  const claim: DeletionClaim = {
    carriers: carriersIn(request, going),
    deletes,
    known: counted.ledger,
    entry: { at: request.snapshot.takenAt, counts, id: first.observed.uid },
    budgets: budgetsOf(request.safety.limits, counted.owned, sumOf(counted.ledger)),
  };
  return { ...guarded, waits, claim };
}

/** Endpoints of ours that stay, the best first: the one that carries the count already, then those whose Node is there. */
function carriersIn({ snapshot, safety }: GuardRequest, going: ReadonlySet<string>): readonly HostEndpoint[] {
  const present = new Set(snapshot.nodes.map((it) => it.name));
  return snapshot.hostEndpoints
    .filter((it) => isOwned(it, safety.id) && it.node !== HALT_NODE && !it.deleting && !going.has(it.name))
    .sort(
      ascending(
        (it) => (present.has(it.node) ? 0 : 1),
        (it) => (it.annotations[DELETIONS_ANNOTATION] === undefined ? 1 : 0),
        (it) => it.name,
      ),
    )
    .slice(0, 1);
}
