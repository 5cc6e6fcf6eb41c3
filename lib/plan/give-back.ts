/**
 * The two steps by which an endpoint gives its node's traffic back: the allow profile first, then away. And the step by which a
 * write of this run is undone. None of them needs the guard: they lead back to what was.
 *
 * Must never happen: a removal without the first step. One that a Felix misses would leave a denying endpoint behind
 * (docs/needs.md 1, row 23).
 */
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { LetThrough } from "../model/guarded-plan.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { DeleteAction, UpdateAction } from "../model/plan.ts";
import {
  ALLOW_PROFILE,
  DELETIONS_ANNOTATION,
  NODE_UID_ANNOTATION,
  PROVIDER_ID_ANNOTATION,
  ROLLOUT_ANNOTATION,
  SETTINGS_ANNOTATION,
} from "../names/names.ts";
import { withBookkeeping } from "./bookkeeping.ts";
import { driftOf } from "./drift.ts";
import { letThrough } from "./let-through.ts";

/** The update that puts the allow profile (and these annotations of ours) on an endpoint; none when it has all that already. */
export function allowingUpdate(
  observed: HostEndpoint,
  annotations: StringMap = {},
): readonly LetThrough<UpdateAction>[] {
  const { name, node, interfaceName, labels } = observed;
  const desired: DesiredHostEndpoint = {
    name,
    node,
    interfaceName,
    expectedIPs: [...observed.expectedIPs].sort(),
    profiles: [ALLOW_PROFILE],
    labels,
    annotations: { ...identityOf(observed), ...annotations },
  };
  const changes = driftOf(observed, desired);
  return changes.length === 0 ? [] : [letThrough({ kind: "update", name, node, desired, observed, changes })];
}

export function removalOf(observed: HostEndpoint): LetThrough<DeleteAction> {
  return letThrough({
    kind: "delete",
    name: observed.name,
    node: observed.node,
    observed,
    reason: "released",
  });
}

/** What makes an endpoint again what it was before a write of this run; none when it is that already. */
export function restorationOf(before: HostEndpoint, now: HostEndpoint | undefined): readonly LetThrough[] {
  const { name, node, interfaceName, profiles, labels, annotations } = before;
  const expectedIPs = [...before.expectedIPs].sort();
  const desired: DesiredHostEndpoint = {
    name,
    node,
    interfaceName,
    expectedIPs,
    profiles,
    labels,
    annotations,
  };
  if (now === undefined) return [letThrough({ kind: "create", name, node, desired })];
  const mark = annotations[ROLLOUT_ANNOTATION];
  // What others have written into annotations since is theirs.
  const own = {
    ...desired,
    annotations: { ...identityOf(before), ...(mark === undefined ? {} : { [ROLLOUT_ANNOTATION]: mark }) },
  };
  const written = withBookkeeping(own, now, undefined);
  const changes = driftOf(now, own);
  return changes.length === 0
    ? []
    : [letThrough({ kind: "update", name, node, desired: written, observed: now, changes })];
}

/** The annotations that say which machine an endpoint is for, who wrote it, and what it carries for all runs. */
function identityOf(observed: HostEndpoint): StringMap {
  return Object.fromEntries(
    [NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION, SETTINGS_ANNOTATION, DELETIONS_ANNOTATION].flatMap(
      (key) => {
        const value = observed.annotations[key];
        return value === undefined ? [] : [[key, value] as const];
      },
    ),
  );
}
