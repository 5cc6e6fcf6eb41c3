import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { LetThrough } from "../model/guarded-plan.ts";
import type { CreateAction, DeleteAction, UpdateAction } from "../model/plan.ts";
import { readRolloutMark, type RolloutMark } from "../model/rollout.ts";
import {
  ALLOW_PROFILE,
  HALT_INTERFACE,
  HALT_NODE,
  OWNER_LABEL,
  ROLLOUT_ANNOTATION,
  haltName,
} from "../names/names.ts";
import { letThrough } from "../plan/let-through.ts";
import { allowingUpdate, removalOf } from "../plan/give-back.ts";
import type { GuardRequest } from "../guard/rule.ts";

export type Rollback = {
  readonly updates: readonly LetThrough<UpdateAction>[];
  readonly removals: readonly LetThrough<DeleteAction>[];
};

export type Sick = { readonly observed: HostEndpoint; readonly because: string };

/** The allow profile first, then away: a removal that a Felix misses must not leave a denying endpoint behind (docs/needs.md row 23). */
export function rollbackOf(endpoints: readonly Sick[], now: string): Rollback {
  return {
    updates: endpoints.flatMap(({ observed, because }) =>
      allowingUpdate(observed, { [ROLLOUT_ANNOTATION]: JSON.stringify(markFor(observed, because, now)) }),
    ),
    removals: endpoints.map((it) => removalOf(it.observed)),
  };
}

/** A rollback that was interrupted keeps its first reason. */
function markFor(observed: HostEndpoint, because: string, now: string): RolloutMark {
  const mark = readRolloutMark(observed.annotations[ROLLOUT_ANNOTATION]);
  return mark?.phase === "rolled-back" ? mark : { phase: "rolled-back", since: now, because };
}

/**
 * What keeps a rollout stopped once the canaries' endpoints are gone: an endpoint of ours for no node, on an interface that
 * no machine has, without addresses. It governs nothing; a person deletes it to begin anew.
 */
export function creationOfHalt(request: GuardRequest, because: string): LetThrough<CreateAction> {
  const desired = haltMark(request, because);
  return letThrough({ kind: "create", name: desired.name, node: HALT_NODE, desired });
}

function haltMark({ safety, snapshot }: GuardRequest, because: string): DesiredHostEndpoint {
  return {
    name: haltName(safety.id),
    node: HALT_NODE,
    interfaceName: HALT_INTERFACE,
    expectedIPs: [],
    profiles: [ALLOW_PROFILE],
    labels: { [OWNER_LABEL]: safety.id },
    annotations: {
      [ROLLOUT_ANNOTATION]: JSON.stringify({
        phase: "halted",
        since: snapshot.takenAt,
        because,
      } satisfies RolloutMark),
    },
  };
}

export function isHalt(endpoint: HostEndpoint): boolean {
  return endpoint.node === HALT_NODE;
}
