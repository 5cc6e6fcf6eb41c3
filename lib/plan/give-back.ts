/**
 * The two steps by which an endpoint gives its node's traffic back: the allow profile first, then away.
 *
 * Must never happen: a removal without the first step. One that a Felix misses would leave a denying endpoint behind
 * (docs/needs.md 1, row 23).
 */
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { StringMap } from "../model/kubernetes-object.ts";
import type { DeleteAction, UpdateAction } from "../model/plan.ts";
import { ALLOW_PROFILE, NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION } from "../names/names.ts";
import { driftOf } from "./drift.ts";

/** The update that puts the allow profile (and these annotations of ours) on an endpoint; none when it has all that already. */
export function allowingUpdate(observed: HostEndpoint, annotations: StringMap = {}): readonly UpdateAction[] {
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
  return changes.length === 0 ? [] : [{ kind: "update", name, node, desired, observed, changes }];
}

export function removalOf(observed: HostEndpoint): DeleteAction {
  return { kind: "delete", name: observed.name, node: observed.node, observed, reason: "released" };
}

/** The annotations that say which machine an endpoint is for. */
function identityOf(observed: HostEndpoint): StringMap {
  return Object.fromEntries(
    [NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION].flatMap((key) => {
      const value = observed.annotations[key];
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}
