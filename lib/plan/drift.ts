import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { JsonValue, StringMap } from "../model/kubernetes-object.ts";
import type { FieldChange } from "../model/plan.ts";
import { CONFIRMED_ANNOTATION, ROLLOUT_ANNOTATION, WAITS_ANNOTATION } from "../names/names.ts";

/** Annotations that say where something stands: when it is over, they are drift. */
const PASSING: ReadonlySet<string> = new Set([ROLLOUT_ANNOTATION, WAITS_ANNOTATION, CONFIRMED_ANNOTATION]);

/**
 * Differences in the fields that we own: labels whole, our annotations, node, interface, addresses, profiles.
 * A mark (of a rollout, of a deletion that waits) that is not desired (any more) is drift; what else is in annotations is not looked at.
 * The order of addresses means nothing to Calico and is no drift; the order of profiles decides.
 *
 * @param observed an endpoint as it is, or another opinion of what it should be
 */
export function driftOf(observed: DesiredHostEndpoint, desired: DesiredHostEndpoint): readonly FieldChange[] {
  return [
    ...mapChanges("metadata.labels", observed.labels, desired.labels),
    ...mapChanges(
      "metadata.annotations",
      pick(observed.annotations, desired.annotations),
      desired.annotations,
    ),
    ...change("spec.node", observed.node, desired.node),
    ...change("spec.interfaceName", observed.interfaceName, desired.interfaceName),
    ...change("spec.expectedIPs", [...observed.expectedIPs].sort(), desired.expectedIPs),
    ...change("spec.profiles", observed.profiles, desired.profiles),
  ];
}

/** What a creation sets, in the same form. */
export function creationOf(desired: DesiredHostEndpoint): readonly FieldChange[] {
  return [
    ...mapChanges("metadata.labels", {}, desired.labels),
    ...mapChanges("metadata.annotations", {}, desired.annotations),
    { path: "spec.node", to: desired.node },
    { path: "spec.interfaceName", to: desired.interfaceName },
    { path: "spec.expectedIPs", to: desired.expectedIPs },
    { path: "spec.profiles", to: desired.profiles },
  ];
}

function mapChanges(path: string, from: StringMap, to: StringMap): readonly FieldChange[] {
  if (isSame(from, to)) return [];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return keys.flatMap((key) => {
    const before = from[key];
    const after = to[key];
    if (before === after) return [];
    return [
      {
        path: `${path}[${JSON.stringify(key)}]`,
        ...(before === undefined ? {} : { from: before }),
        ...(after === undefined ? {} : { to: after }),
      },
    ];
  });
}

/** What nearly every endpoint of a large cluster is in nearly every run; asked without leaving anything behind. */
function isSame(a: StringMap, b: StringMap): boolean {
  let left = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    left += 1;
  }
  for (const _ in b) left -= 1;
  return left === 0;
}

function change(path: string, from: JsonValue, to: JsonValue): readonly FieldChange[] {
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }];
}

function pick(map: StringMap, keys: StringMap): StringMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => key in keys || PASSING.has(key)));
}
