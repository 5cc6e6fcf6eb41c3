/**
 * Scenario 26: a policy comes between the snapshot and the last write. What was proven is true no more; the nodes that were just
 * written to get their traffic back at once, and the report says `changed-meanwhile`. Prints how long that takes.
 */
import { expect, test } from "@jest/globals";
import { settingsSchema } from "../../lib/config/settings.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import type { ClusterGateway } from "../../lib/ports/kubernetes.ts";
import { reconcile } from "../../lib/reconcile/reconcile.ts";
import { aGlobalNetworkPolicy } from "../builders/a-guard-request.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const NODES = 50;
const shut = aGlobalNetworkPolicy("shut", { order: 1, selector: "all()", types: ["Ingress", "Egress"] });
const open = aGlobalNetworkPolicy("open", {
  order: 1,
  selector: "all()",
  types: ["Ingress", "Egress"],
  applyOnForward: true,
  ingress: [{ action: "Allow" }],
  egress: [{ action: "Allow" }],
});

type Times = { written: number; looked: number; back: number };

/** A run during whose first write an administrator does something. */
function runWhile(world: World, meanwhile: () => Promise<void>) {
  const times: Times = { written: 0, looked: 0, back: 0 };
  let happened: Promise<void> | undefined;
  const timed = async <Result>(of: keyof Times, work: Promise<Result>): Promise<Result> => {
    const result = await work;
    times[of] = performance.now();
    return result;
  };
  return world.withGateway(async (cluster, signal) => {
    const gateway: ClusterGateway = {
      ...cluster,
      create: async (...call) => {
        await (happened ??= meanwhile());
        return timed("written", cluster.create(...call));
      },
      listVersions: (...call) => timed("looked", cluster.listVersions(...call)),
      delete: (...call) => timed("back", cluster.delete(...call)),
    };
    const { report } = await reconcile(
      { triggers: [{ kind: "resync", source: "schedule" }], mode: "apply" },
      { settings: settingsSchema.parse({}), cluster: gateway, clock: systemClock },
      signal,
    );
    return { report, times };
  });
}

describeScenario("scenario 26: what was proven changes while it is written", (world) => {
  test("a policy that shuts the nodes: none keeps its endpoint, each is withheld as changed-meanwhile", async () => {
    await world().put(someNodeObjects(NODES));
    const { report, times } = await runWhile(world(), () => world().put([shut]));
    expect(await world().endpointNames()).toEqual([]);
    expect(report).toMatchObject({
      status: "withheld",
      counts: { protected: 0, withheld: NODES, create: 0 },
    });
    expect(new Set(report.actions.map((it) => it.reason))).toEqual(new Set(["changed-meanwhile"]));
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: "changed-meanwhile", object: "GlobalNetworkPolicy/shut" }),
    );
    console.info(
      `changed meanwhile, ${NODES} nodes: looked ${Math.round(times.looked - times.written)} ms after the last write, ` +
        `all traffic given back ${Math.round(times.back - times.written)} ms after it`,
    );
    // The policy holds the next run back before it writes.
    const next = await world().run();
    expect(new Set(next.report.actions.map((it) => it.reason))).toEqual(new Set(["essential-flow-cut"]));
    expect(await world().endpointNames()).toEqual([]);
  });

  test("one that cuts nobody: everything stays", async () => {
    await world().put(someNodeObjects(3));
    const { report, times } = await runWhile(world(), () => world().put([open]));
    expect(report).toMatchObject({ status: "converged", counts: { protected: 3, create: 3, withheld: 0 } });
    expect(times.looked).toBeGreaterThan(times.written);
    expect((await world().endpointNames()).length).toBe(3);
  });
});
