/**
 * Scenario 2: failsafe gap. Given `failsafeOutboundHostPorts` without 443, when default deny is requested, then it is
 * refused, and the printed patch contains the user's current entries plus the missing ones.
 */
import { expect, test } from "@jest/globals";
import type { JsonObject } from "../../lib/model/kubernetes-object.ts";
import { aFelixConfiguration } from "../builders/a-guard-request.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const own = [
  { protocol: "udp", port: 53 },
  { protocol: "tcp", port: 8443, net: "192.0.2.0/24" },
];

describeScenario("scenario 2: failsafe gap", (world) => {
  test("default deny is refused, with one patch that keeps the user's entries", async () => {
    await world().put([...someNodeObjects(2), aFelixConfiguration({ failsafeOutboundHostPorts: own })]);
    const { report } = await world().run({ settings: { endpoints: [{ profiles: [] }] } });
    expect(report.status).toBe("withheld");
    expect(await world().endpointNames()).toEqual([]);

    const gaps = report.findings.filter((it) => it.code === "failsafe-gap");
    expect(gaps).toHaveLength(1);
    const [, text] =
      /^kubectl patch felixconfigurations\.crd\.projectcalico\.org default --type merge -p '(.*)'$/.exec(
        gaps[0]?.fix ?? "",
      ) ?? [];
    const patch = JSON.parse(text ?? "{}") as { readonly spec: JsonObject };
    expect(patch.spec["failsafeOutboundHostPorts"]).toEqual(
      expect.arrayContaining([
        ...own,
        { protocol: "tcp", port: 443 },
        expect.objectContaining({ protocol: "tcp", port: 80 }),
        expect.objectContaining({ protocol: "udp", port: 123 }),
      ]),
    );
    expect(patch.spec["failsafeInboundHostPorts"]).toEqual(
      expect.arrayContaining([
        { protocol: "tcp", port: 22 },
        expect.objectContaining({ protocol: "tcp", port: 10_250 }),
      ]),
    );
    // The real API server takes it.
    await world().put([aFelixConfiguration(patch.spec)]);
    const after = await world().run({ mode: "plan", settings: { endpoints: [{ profiles: [] }] } });
    expect(
      after.report.findings
        .filter((it) => it.code === "essential-flow-cut")
        .map((it) => it.message.split(":")[0]),
    ).not.toContain("api-server");
  });
});
