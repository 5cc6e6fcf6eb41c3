/**
 * What has to change so that the observed endpoints become the desired ones.
 *
 * In: desired endpoints, the snapshot, our id. Out: a `Plan`; in the steady state it has no actions.
 * Must never happen: an action on an endpoint that is not ours, outside the scope, or a deletion for a node that was
 * not seen to be gone.
 */
import { ascending } from "../model/ascending.ts";
import type { Desired, DesiredNode } from "../model/desired.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { Action, ForeignEndpoint, Plan } from "../model/plan.ts";
import type { Scope } from "../model/scope.ts";
import { withBookkeeping } from "./bookkeeping.ts";
import { driftOf } from "./drift.ts";
import { foreignOwner, isOwned } from "./ownership.ts";

export type PlanRequest = {
  readonly desired: Desired;
  readonly scope: Scope;
  readonly hostEndpoints: readonly HostEndpoint[];
  /** Names that were seen not to exist (a GET said 404, or a complete list does not hold them). */
  readonly absentNodes: readonly string[];
  readonly owner: string;
  /** Names of ours that no template makes, and that stay while their node lives. */
  readonly kept?: readonly string[];
  /** What endpoints that are written are signed with (`SETTINGS_ANNOTATION`); it is no reason to write one. */
  readonly signature?: string;
};

export function computePlan(request: PlanRequest): Plan {
  const observed = new Map(request.hostEndpoints.map((it) => [it.name, it]));
  const wanted = request.desired.nodes.flatMap(endpointsOf);
  const wantedNames = new Set(wanted.map((it) => it.name));
  const settled = wanted.map((it) => settle(it, observed.get(it.name), request));
  const removals = removalsOf(request, wantedNames);
  return {
    actions: [...settled.flatMap((it) => (it.kind === "action" ? [it.action] : [])), ...removals].sort(
      ascending((it) => it.name),
    ),
    unchanged: settled.flatMap((it) => (it.kind === "unchanged" ? [it.name] : [])).sort(),
    foreign: foreignOf(request, wantedNames),
  };
}

type Settled =
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "unchanged"; readonly name: string }
  | { readonly kind: "blocked" }
  | { readonly kind: "leaving" };

function settle(
  wanted: DesiredHostEndpoint,
  observed: HostEndpoint | undefined,
  { owner, signature }: Pick<PlanRequest, "owner" | "signature">,
): Settled {
  const desired = withBookkeeping(wanted, observed, signature);
  const subject = { name: desired.name, node: desired.node, desired };
  if (observed === undefined) return { kind: "action", action: { kind: "create", ...subject } };
  if (!isOwned(observed, owner)) return { kind: "blocked" };
  // Nothing that is written there stays: when it is gone, a run makes a new one.
  if (observed.deleting) return { kind: "leaving" };
  const changes = driftOf(observed, wanted);
  if (changes.length === 0) return { kind: "unchanged", name: desired.name };
  return { kind: "action", action: { kind: "update", ...subject, observed, changes } };
}

/** Ours, in scope, wanted by nobody: its node is gone, or its node no longer matches a template. */
function removalsOf(request: PlanRequest, wantedNames: ReadonlySet<string>): readonly Action[] {
  const absent = new Set(request.absentNodes);
  const kept = new Set(request.kept);
  const byNode = new Map(request.desired.nodes.map((it) => [it.node, it]));
  return request.hostEndpoints.flatMap((observed): readonly Action[] => {
    if (!isOwned(observed, request.owner) || wantedNames.has(observed.name) || observed.deleting) return [];
    if (!isInScope(request.scope, observed.node)) return [];
    const subject = { kind: "delete", name: observed.name, node: observed.node, observed } as const;
    if (absent.has(observed.node)) return [{ ...subject, reason: "node-gone" }];
    const node = byNode.get(observed.node);
    if (node === undefined || mayComeBack(node) || kept.has(observed.name)) return [];
    return [{ ...subject, reason: "no-template" }];
  });
}

/** A node without an address yet, or with a name that cannot be used, says nothing about the endpoints that it has. */
export function mayComeBack(node: DesiredNode): boolean {
  switch (node.kind) {
    case "wanted":
      return false;
    case "waiting":
      return node.reason === "no-address";
    case "unfit":
      return node.reason === "invalid-name";
  }
}

function foreignOf(request: PlanRequest, wantedNames: ReadonlySet<string>): readonly ForeignEndpoint[] {
  return request.hostEndpoints
    .filter((it) => !isOwned(it, request.owner))
    .map((it) => ({
      name: it.name,
      node: it.node,
      owner: foreignOwner(it),
      blocks: wantedNames.has(it.name),
    }));
}

function endpointsOf(node: DesiredNode): readonly DesiredHostEndpoint[] {
  return node.kind === "unfit" ? [] : node.endpoints;
}

function isInScope(scope: Scope, node: string): boolean {
  return scope.kind === "cluster" || scope.nodes.includes(node);
}
