/**
 * Scenario 5: break-glass. Given all nodes cut off by a bad policy, when release runs, then within one run every owned
 * HostEndpoint is neutralised, no foreign one is touched, and nodes recover with new connections (the simulator stands for
 * the packets). That scheduled runs stay off until re-armed is proven with the functions (test/functions).
 */
import { expect, test } from "@jest/globals";
import { settingsSchema } from "../../lib/config/settings.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import { verdictFor } from "../../lib/policy/verdict.ts";
import { release } from "../../lib/release/release.ts";
import { prepareLiveWorld } from "../../lib/simulate/prepare-live-world.ts";
import { aGlobalNetworkPolicy } from "../builders/a-guard-request.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { addressFor, someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

const nodes = someNodeObjects(4);
const foreign = aHostEndpointObject({ name: "z-user", node: "somewhere-else", owner: null });

async function apiServerVerdicts(world: World) {
  const { world: live } = await world.withGateway((cluster, signal) =>
    prepareLiveWorld({ cluster, clock: systemClock }, signal),
  );
  return nodes.map(
    ({ metadata: { name } }) =>
      verdictFor(live, {
        node: name,
        direction: "egress",
        protocol: "tcp",
        source: { ip: addressFor(name) },
        destination: { ip: "52.1.2.3", port: 443 },
      }).verdict,
  );
}

describeScenario("scenario 5: break-glass", (world) => {
  test("one run gives every node its new connections back, and touches nothing foreign", async () => {
    await world().put([...nodes, foreign]);
    await world().settle();
    await world().put([
      aGlobalNetworkPolicy("bad", {
        selector: "all()",
        types: ["Ingress", "Egress"],
        ingress: [{ action: "Deny" }],
        egress: [{ action: "Deny" }],
      }),
    ]);
    expect(await apiServerVerdicts(world())).toEqual(["deny", "deny", "deny", "deny"]);
    const [before] = (await world().endpoints()).filter((it) => it.name === "z-user");

    // What is denied already is a finding for the scheduled run, and no reason to touch anything.
    const { report } = await world().run({ mode: "plan" });
    expect(report.findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "essential-flow-denied" }),
    );

    const released = await world().withGateway((cluster, signal) =>
      release({ mode: "apply" }, { settings: settingsSchema.parse({}), cluster, clock: systemClock }, signal),
    );
    expect(released).toMatchObject({ status: "converged", counts: { delete: 4 } });
    expect(await apiServerVerdicts(world())).toEqual(["allow", "allow", "allow", "allow"]);
    expect(await world().endpoints()).toEqual([before]);
  });
});
