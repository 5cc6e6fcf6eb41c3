/**
 * What becomes of each endpoint that is taken over, or given back.
 *
 * In: the endpoints, what our settings (or the other's) want for their nodes. Out: one step for each, a write or a reason for none.
 * Pure. Must never happen: an adoption after which the next run deletes the endpoint, or one that Calico deletes when it gets it.
 */
import type { WithheldReason } from "../model/guarded-plan.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { Action, UpdateAction } from "../model/plan.ts";
import { CALICO_CREATED_BY_LABEL, CALICO_CREATED_BY_VALUE, OWNER_LABEL } from "../names/names.ts";
import { driftOf } from "../plan/drift.ts";
import { isOwned } from "../plan/ownership.ts";
import type { Other } from "./adopt-request.ts";

export type Step =
  | {
      readonly kind: "write";
      /** What is written. */
      readonly action: UpdateAction;
      /** What becomes of it once its new owner has had its way: this is what is proven. */
      readonly outcome: Action;
    }
  | { readonly kind: "done"; readonly observed: HostEndpoint }
  | {
      readonly kind: "refused";
      readonly observed: HostEndpoint;
      readonly reason: WithheldReason;
      readonly detail: string;
    };

export type Takeover = {
  readonly owner: string;
  /** `source`: all that somebody made becomes what the settings want at once. `names`: only whose it is changes, the next run does the rest. */
  readonly what: "names" | "source";
  /** What the settings want, by name. */
  readonly wanted: ReadonlyMap<string, DesiredHostEndpoint>;
  readonly kept: ReadonlySet<string>;
  /** Nodes that exist. */
  readonly nodes: ReadonlySet<string>;
  /** Nodes of which too little is known yet: what they have stays. */
  readonly undecided: ReadonlySet<string>;
};

export function takeOver(observed: HostEndpoint, takeover: Takeover): Step {
  const { owner, what, wanted, kept, nodes, undecided } = takeover;
  if (isOwned(observed, owner)) return { kind: "done", observed };
  if (observed.skipped !== undefined)
    return {
      kind: "refused",
      observed,
      reason: "skipped-endpoint",
      detail: `Calico skips it, because its metadata annotation cannot be read (${observed.skipped.reason}); taken over, it would come into force unproven. Fix: delete it, the next reconcile makes the right one`,
    };
  const found = wanted.get(observed.name);
  const desired = found?.node === observed.node && !kept.has(observed.name) ? found : undefined;
  const ours = updateTo(observed, relabelled(observed, { [OWNER_LABEL]: owner }));
  if (desired !== undefined) {
    const outcome = updateTo(observed, desired);
    return { kind: "write", action: what === "source" ? outcome : ours, outcome };
  }
  const stays = kept.has(observed.name) || undecided.has(observed.node);
  if (stays || !nodes.has(observed.node)) return write(ours);
  if (what === "names") {
    const { name, node } = observed;
    return {
      kind: "write",
      action: ours,
      outcome: { kind: "delete", name, node, observed, reason: "no-template" },
    };
  }
  return {
    kind: "refused",
    observed,
    reason: "not-wanted",
    detail: `no entry of \`endpoints\` gives node ${observed.node} an endpoint of this name: the next reconcile would delete it. Fix: "hepctl import" prints entries that do; or name it under \`kept\` in the settings, so that it stays as it is`,
  };
}

export type GiveBack = {
  readonly owner: string;
  readonly to: Other;
  /** What Calico makes by its configuration, by name; only asked for where it is to have them. */
  readonly byCalico: ReadonlyMap<string, DesiredHostEndpoint>;
};

export function giveBack(observed: HostEndpoint, { owner, to, byCalico }: GiveBack): Step {
  if (!isOwned(observed, owner)) return { kind: "done", observed };
  const refuse = (detail: string): Step => ({ kind: "refused", observed, reason: "not-wanted", detail });
  switch (to) {
    case "manual":
      return write(updateTo(observed, relabelled(observed, {})));
    case "operator":
      return observed.name === observed.node
        ? write(updateTo(observed, relabelled(observed, {})))
        : refuse(
            `hostendpoint-operator makes one called ${observed.node} for the node, and knows none of this name. Fix: give it back with "--to manual"`,
          );
    case "auto": {
      const theirs = byCalico.get(observed.name);
      if (theirs?.node !== observed.node)
        return refuse(
          `by its configuration Calico makes no endpoint of this name for node ${observed.node}, and would delete it. Fix: add a template that does to KubeControllersConfiguration/default, or give it back with "--to manual"`,
        );
      const mark = { [CALICO_CREATED_BY_LABEL]: CALICO_CREATED_BY_VALUE };
      const { [OWNER_LABEL]: _owner, ...labels } = theirs.labels;
      return {
        kind: "write",
        action: updateTo(observed, relabelled(observed, mark)),
        outcome: updateTo(observed, { ...theirs, labels: { ...labels, ...mark }, annotations: {} }),
      };
    }
  }
}

/** The same endpoint, with another word of whose it is. */
function relabelled(observed: HostEndpoint, owner: Readonly<Record<string, string>>): DesiredHostEndpoint {
  const { [CALICO_CREATED_BY_LABEL]: _calico, [OWNER_LABEL]: _ours, ...labels } = observed.labels;
  return {
    name: observed.name,
    node: observed.node,
    interfaceName: observed.interfaceName,
    expectedIPs: [...observed.expectedIPs].sort(),
    profiles: observed.profiles,
    labels: { ...labels, ...owner },
    annotations: {},
  };
}

function updateTo(observed: HostEndpoint, desired: DesiredHostEndpoint): UpdateAction {
  const { name, node } = observed;
  return { kind: "update", name, node, observed, desired, changes: driftOf(observed, desired) };
}

function write(action: UpdateAction): Step {
  return { kind: "write", action, outcome: action };
}
