/** Laws of `hepctl impact`, over generated clusters and changes. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { prepareProof } from "../../../lib/guard/proof/prepare-proof.ts";
import { compareTraffic } from "../../../lib/guard/traffic/compare-traffic.ts";
import { applyProposal } from "../../../lib/impact/apply-proposal.ts";
import { impactOf } from "../../../lib/impact/impact-of.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { someSettings } from "../../builders/a-guard-request.ts";
import { lawRuns } from "../law-runs.ts";
import { bothWays } from "../world/both-ways.ts";
import { cases, flows, type Case } from "../world/clusters.ts";

const settings = someSettings();
const DECIDING = ["GlobalNetworkPolicy", "Tier", "GlobalNetworkSet", "FelixConfiguration", "HostEndpoint"];

/** Objects of another cluster, to be applied to this one. */
const proposalOf = ({ objects }: Case): readonly KubernetesObject[] =>
  objects.filter((it) => DECIDING.includes(it.kind));
const twoOfOneGroup = fc.tuple(cases, cases).filter(([a, b]) => a.group === b.group);
const threeOfOneGroup = fc
  .tuple(cases, cases, cases)
  .filter(([a, b, c]) => a.group === b.group && b.group === c.group);

const applied = (before: Snapshot, ...files: readonly (readonly KubernetesObject[])[]) =>
  applyProposal(before, { files, deletes: [], applyWay: "unknown" }).after;

/** `node flow` of what the guard finds denied, in its own findings, for a plan without actions. */
function guardDenies(snapshot: Snapshot): ReadonlySet<string> {
  const { findings } = guardPlan({
    plan: { actions: [], unchanged: [], foreign: [] },
    snapshot,
    safety: settings,
  });
  return new Set(
    findings
      .filter((it) => it.code === "essential-flow-denied")
      .map((it) => it.message.slice(0, it.message.indexOf(":"))),
  );
}

test("law: a change of nothing changes nothing, and what is applied again changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(twoOfOneGroup, async ([it, other]) => {
      const { live } = await bothWays(it);
      expect(impactOf({ before: live, after: applied(live, []), settings })).toMatchObject({
        status: "unchanged",
        essential: [],
        traffic: [],
        policies: [],
      });
      const once = applied(live, proposalOf(other));
      expect(applied(once, proposalOf(other))).toEqual(once);
    }),
    { numRuns: lawRuns(60) },
  );
});

test("law: A, then B, is what A and B together are", async () => {
  await fc.assert(
    fc.asyncProperty(threeOfOneGroup, async ([it, a, b]) => {
      const { live } = await bothWays(it);
      const [first, second] = [proposalOf(a), proposalOf(b)];
      const [stepwise, together] = [applied(applied(live, first), second), applied(live, first, second)];
      expect(together).toEqual(stepwise);
      expect(impactOf({ before: stepwise, after: together, settings }).status).toBe("unchanged");
    }),
    { numRuns: lawRuns(60) },
  );
});

test("law: what it calls cut is exactly what the guard finds denied afterwards and did not before", async () => {
  let cuts = 0;
  await fc.assert(
    fc.asyncProperty(twoOfOneGroup, async ([it, other]) => {
      const { live } = await bothWays(it);
      const after = applied(live, proposalOf(other));
      const { essential } = impactOf({ before: live, after, settings });
      const cut = new Set(essential.filter((e) => e.change === "cut").map((e) => e.id));
      const [was, will] = [guardDenies(live), guardDenies(after)];
      for (const id of cut) expect(will).toContain(id);
      for (const id of will) if (!was.has(id)) expect(cut).toContain(id);
      cuts += cut.size;
    }),
    { numRuns: lawRuns(120) },
  );
  // A law that nothing meets would say nothing.
  expect(cuts).toBeGreaterThan(20);
});

test("law: no flow fares otherwise without being told, and every example does", async () => {
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(twoOfOneGroup, fc.array(flows, { minLength: 5, maxLength: 20 }), async (pair, asked) => {
      const [it, other] = pair;
      const { live } = await bothWays(it);
      const after = applied(live, proposalOf(other));
      const worlds = [prepareProof(live, settings).world, prepareProof(after, settings).world] as const;
      const { changes, sampled } = compareTraffic({
        before: worlds[0],
        after: worlds[1],
        nodes: after.nodes,
        pods: [],
      });
      expect(sampled).toBe(false);
      // What a node sends to itself does not come by its main interface.
      for (const flow of asked.filter(({ source, destination }) => source.ip !== destination.ip)) {
        const [now, then] = worlds.map((world) => verdictFor(world, flow, { hostsOnly: true }));
        if (now === undefined || then === undefined || now.verdict === then.verdict) continue;
        // What both ends and the versions of Calico make of it is the comparison's own business.
        if ([now, then].some((v) => v.verdict === "unknown" || v.reply !== undefined)) continue;
        const { port } = flow.destination;
        const told = changes.filter(
          (change) =>
            change.direction === flow.direction &&
            change.nodes.includes(flow.node) &&
            change.after.outcome === then.verdict &&
            change.before.outcome === now.verdict &&
            (change.protocol === flow.protocol || typeof flow.protocol === "number") &&
            (port === undefined ||
              port === null ||
              change.ports.some((range) => port >= range.first && port <= range.last)),
        );
        expect({ flow, told: told.length > 0 }).toEqual({ flow, told: true });
        changed++;
      }
      for (const { example, before, after: later } of changes) {
        const [now, then] = worlds.map((world) => verdictFor(world, example, { hostsOnly: true }));
        // As above: a bare question knows less than the comparison does.
        if ([now, then].some((v) => v?.verdict === "unknown" || v?.reply !== undefined)) continue;
        expect([now?.verdict, then?.verdict]).toEqual([before.outcome, later.outcome]);
      }
    }),
    { numRuns: lawRuns(150) },
  );
  expect(changed).toBeGreaterThan(50);
});
