import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { prepareLiveWorld } from "../../../lib/simulate/prepare-live-world.ts";
import { prepareWorld } from "../../../lib/simulate/simulate.ts";
import { worldOf } from "../../../lib/world/world-of.ts";
import { lawRuns } from "../law-runs.ts";
import { bothWays, clock, signal } from "./both-ways.ts";
import { cases, flows } from "./clusters.ts";

/** What a live cluster does not show: sets that pods could be in, namespaces, interfaces; versions where nothing names one. */
const UNSEEN = [
  "unknown-set-members",
  "unknown-profile",
  "unknown-interface",
  "calico-version",
  "unknown-dataplane",
];

test("law: a dump and the live cluster decode to equal objects, field by field, and simulate says the same of both", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.array(flows, { minLength: 1, maxLength: 6 }), async (it, asked) => {
      const { cluster, dump, live, files } = await bothWays(it);
      expect({ ...files, cluster: live.cluster }).toEqual(live);
      const { world } = await prepareLiveWorld({ cluster: cluster.gateway, clock }, signal);
      const whole = prepareWorld(dump).world;
      for (const flow of asked) {
        const said = verdictFor(world, flow);
        expect(verdictFor(worldOf(files), flow)).toEqual(said);
        if (said.verdict !== "unknown") expect(verdictFor(whole, flow)).toEqual(said);
        else expect(UNSEEN).toContain(said.reason);
      }
    }),
    { numRuns: lawRuns() },
  );
});
