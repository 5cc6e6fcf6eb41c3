import { describeCut } from "../guard/fix/describe-cut.ts";
import { remedyFor } from "../guard/fix/remedy-for.ts";
import type { Cut } from "../guard/proof/judge-flow.ts";
import type { ProofBasis } from "../guard/proof/prepare-proof.ts";
import { provePlan } from "../guard/proof/prove-plan.ts";
import { ascending } from "../model/ascending.ts";
import type { EssentialChange } from "../model/impact.ts";
import type { Snapshot } from "../model/snapshot.ts";

type Request = {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly bases: { readonly before: ProofBasis; readonly after: ProofBasis };
};

/** What is denied on a node, of one flow. */
type Denied = { readonly id: string; readonly node: string; readonly cut: Cut };

/** Essential flows that fare otherwise, those that are cut first. */
export function essentialChanges({ before, after, bases }: Request): readonly EssentialChange[] {
  const was = new Map(deniedIn(before, bases.before).map((it) => [keyOf(it), it]));
  const will = new Map(deniedIn(after, bases.after).map((it) => [keyOf(it), it]));
  const keys = [...new Set([...was.keys(), ...will.keys()])].sort();
  const changed = keys.flatMap((key) => {
    const [earlier, later] = [was.get(key), will.get(key)];
    const change = { before: earlier?.cut.outcome ?? "allow", after: later?.cut.outcome ?? "allow" } as const;
    const told = later ?? earlier;
    return told === undefined || change.before === change.after ? [] : [{ ...change, ...told }];
  });
  const alike = Map.groupBy(changed, (it) =>
    JSON.stringify([it.id, it.before, it.after, it.cut.verdict.reason, deciderOf(it.cut)]),
  );
  return [...alike.values()]
    .flatMap((same): readonly EssentialChange[] => {
      const [first] = same;
      if (first === undefined) return [];
      const word = wordOf(first.before, first.after);
      const world = word === "opened" ? bases.before.world : bases.after.world;
      const { cut } = first;
      return [
        {
          id: first.id,
          change: word,
          nodes: same.map((it) => it.node).sort(),
          before: first.before,
          after: first.after,
          flow: cut.probe.question,
          reason: cut.verdict.reason,
          decidedBy: cut.verdict.decidedBy,
          message:
            word === "opened"
              ? `${describeCut(cut, world, "now")}, and would not be any more`
              : `${describeCut(cut, world, "then")} (needed because ${cut.flow.reason})`,
          fix: word === "opened" ? "" : remedyFor([cut.flow]),
        },
      ];
    })
    .sort(
      ascending(
        (it) => ORDER[it.change],
        (it) => it.id,
        (it) => it.nodes[0] ?? "",
      ),
    );
}

/** The guard's own finding of what is denied, with nothing to be written. */
function deniedIn(snapshot: Snapshot, basis: ProofBasis): readonly Denied[] {
  const { deniedNow } = provePlan({
    observed: snapshot.hostEndpoints,
    nodes: snapshot.nodes,
    actions: [],
    policies: basis.policies,
    flows: basis.flows,
    complete: snapshot.complete,
    nodeBlocks: basis.network.vpc.nets,
  });
  return deniedNow.flatMap((cut) => cut.nodes.map((node) => ({ id: cut.flow.id, node, cut })));
}

function keyOf({ id, node }: Denied): string {
  return `${id} ${node}`;
}

function deciderOf({ verdict: { decidedBy } }: Cut): unknown {
  return [decidedBy.hook, decidedBy.tier, decidedBy.policy, decidedBy.rule, decidedBy.profile];
}

function wordOf(
  before: EssentialChange["before"],
  after: EssentialChange["after"],
): EssentialChange["change"] {
  if (after === "deny") return "cut";
  return after === "unknown" && before === "allow" ? "may-be-cut" : "opened";
}

const ORDER = { cut: 0, "may-be-cut": 1, opened: 2 } as const;
