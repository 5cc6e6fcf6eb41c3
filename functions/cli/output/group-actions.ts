/**
 * Actions that are alike, as one: hundreds of nodes of a fleet get the same for the same reason, and a person reads it once.
 *
 * Alike are actions with the same verb, outcome and reason, on nodes of the same group, that change the same fields in the same
 * way; what is each node's own (its name, addresses, ids, the values of its labels and annotations) may differ. In: actions. Out: groups, in the
 * order of their first members; each action is in exactly one. Pure.
 */
import type { FieldChange } from "../../../lib/model/plan.ts";
import { nodeGroupOf } from "../../../lib/model/node-group.ts";
import type { ReportedAction } from "../../../lib/model/report.ts";

export type ActionGroup = {
  readonly example: ReportedAction;
  readonly members: readonly ReportedAction[];
  /** Node group or pool, as far as the changes tell it. */
  readonly nodeGroup: string | undefined;
  /** Paths whose values are not the same for all members. */
  readonly own: ReadonlySet<string>;
};

export function groupActions(actions: readonly ReportedAction[]): readonly ActionGroup[] {
  const groups = Map.groupBy(actions, (it) => JSON.stringify([nodeGroup(it), ...likeness(it)]));
  return [...groups.values()].flatMap((members) => {
    const [example] = members;
    if (example === undefined) return [];
    return [{ example, members, nodeGroup: nodeGroup(example), own: differing(example, members) }];
  });
}

function likeness(action: ReportedAction): readonly string[] {
  const { outcome, reason, detail, changes } = action;
  return [
    action.action,
    outcome,
    reason,
    withoutOwn(detail, action),
    ...changes.map(({ path, from, to }) =>
      OWN_VALUE.test(path)
        ? `${path} ${from === undefined} ${to === undefined}`
        : withoutOwn(JSON.stringify([path, from ?? null, to ?? null]), action),
    ),
  ];
}

const LABEL = /^metadata\.labels\["(.+)"\]$/;
/** Of a node's own: labels are copied from it, annotations of ours name its machine (and so its zone). */
const OWN_VALUE = /^metadata\.(labels|annotations)\["/;

/** Addresses, instance ids and UIDs. */
const IDENTITIES =
  /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){2,}[0-9a-f:]*|\bi-[0-9a-f]{8,17}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

function withoutOwn(text: string, { node, hostEndpoint }: ReportedAction): string {
  const names = [...new Set([hostEndpoint, node])]
    .filter((it) => it !== "")
    .sort((a, b) => b.length - a.length);
  return names.reduce((left, name) => left.replaceAll(name, "…"), text).replace(IDENTITIES, "…");
}

function nodeGroup({ changes }: ReportedAction): string | undefined {
  const labels: Record<string, string> = {};
  for (const { path, to } of changes) {
    const key = LABEL.exec(path)?.[1];
    if (key !== undefined && typeof to === "string") labels[key] = to;
  }
  const group = nodeGroupOf({ labels });
  return group === nodeGroupOf({ labels: {} }) ? undefined : group;
}

function differing(example: ReportedAction, members: readonly ReportedAction[]): ReadonlySet<string> {
  const values = (it: FieldChange | undefined) => JSON.stringify([it?.from ?? null, it?.to ?? null]);
  return new Set(
    example.changes
      .filter((change, index) => members.some((it) => values(it.changes[index]) !== values(change)))
      .map(({ path }) => path),
  );
}
