import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Settings } from "../../../lib/config/settings.ts";
import { explainNode } from "../../../lib/explain/explain.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { prepareProof } from "../../../lib/guard/proof/prepare-proof.ts";
import { provePlan } from "../../../lib/guard/proof/prove-plan.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { worldOf } from "../../../lib/world/world-of.ts";
import { aSnapshot, someSettings } from "../../builders/a-guard-request.ts";
import { lawRuns } from "../law-runs.ts";
import { bothWays } from "./both-ways.ts";
import { cases } from "./clusters.ts";

const TUNNELS = ["IPv4VXLANTunnelAddr", "IPv4IPIPTunnelAddr", "IPv4Address"];
/** Every essential flow that one of these clusters can have. */
const allFlows = TUNNELS.flatMap((it) => {
  const [node] = aSnapshot({ nodes: ["n1"] }).nodes;
  if (node === undefined) throw new Error("there is one node");
  const annotations = { [`projectcalico.org/${it}`]: "10.0.0.9" };
  return prepareProof(aSnapshot({ nodes: [{ ...node, annotations }] }), someSettings()).flows.map(
    ({ flow }) => flow.id,
  );
});
/** A few of them in each case: the whole list is slow, and no flow knows of another. */
const settings = fc.subarray([...new Set(allFlows)], { minLength: 1, maxLength: 6 }).map((kept) =>
  someSettings({
    endpoints: [{ profiles: [] }],
    essentialFlowsWithout: [...new Set(allFlows)].filter((it) => !kept.includes(it)),
  }),
);

/** `node flow` of everything that the guard finds denied, or doubtful, before it does anything. */
function badNow(snapshot: Snapshot, its: Settings): ReadonlySet<string> {
  const { policies, flows, network } = prepareProof(snapshot, its);
  const { deniedNow } = provePlan({
    observed: snapshot.hostEndpoints,
    nodes: snapshot.nodes,
    actions: [],
    policies,
    flows,
    complete: snapshot.complete,
    nodeBlocks: network.vpc.nets,
  });
  return new Set(deniedNow.flatMap((cut) => cut.nodes.map((node) => `${node} ${cut.flow.id}`)));
}

test("law: explain, simulate and the guard say the same of the same flow, live and from a dump", async () => {
  const plan = { actions: [], unchanged: [], foreign: [] };
  await fc.assert(
    fc.asyncProperty(cases, settings, fc.nat({ max: 2 }), async (it, its, index) => {
      const { live, files } = await bothWays(it);
      const [node, same] = [live.nodes[index], files.nodes[index]];
      if (node === undefined || same === undefined) throw new Error("there are three nodes");
      const findings = (snapshot: Snapshot) => guardPlan({ plan, snapshot, safety: its }).findings;
      const told = explainNode({ ...live, node }, its);
      expect([explainNode({ ...files, node: same }, its), findings(files)]).toEqual([told, findings(live)]);
      const world = worldOf(live);
      const bad = badNow(live, its);
      const there = world.nodes.get(node.name);
      // The guard has nothing to say of a node without endpoints.
      if (there?.wildcard !== undefined || there?.endpoints.length !== 0)
        expect(told.flows.map(({ id, verdict }) => [id, verdict !== "allow"])).toEqual(
          told.flows.map(({ id }) => [id, bad.has(`${node.name} ${id}`)]),
        );
      const pairs = told.flows.map(({ id, flow, verdict, reason, decidedBy }) => {
        const simulated = verdictFor(world, flow, { hostsOnly: true });
        const knowsMore =
          // What the guard knows beyond a packet: no pod is on the other side, the connection is there, the answer must come.
          simulated.verdict === "unknown" || reason === "conntrack-related" || simulated.reply !== undefined;
        return {
          told: { id, verdict, reason, decidedBy },
          simulated: knowsMore
            ? { id, verdict, reason, decidedBy }
            : { id, verdict: simulated.verdict, reason: simulated.reason, decidedBy: simulated.decidedBy },
        };
      });
      expect(pairs.map((pair) => pair.told)).toEqual(pairs.map((pair) => pair.simulated));
    }),
    { numRuns: lawRuns() },
  );
});
