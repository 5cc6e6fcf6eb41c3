/**
 * Scenario 1, second half: with `profiles: []` (default deny) and nothing that allows, every node is withheld, nothing is
 * written, and each cut flow is listed with the exact fix; with that fix applied, the endpoints are written.
 */
import { expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { baseline } from "../../lib/baseline/baseline.ts";
import { settingsSchema } from "../../lib/config/settings.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import { takeSnapshot } from "../../lib/snapshot/take-snapshot.ts";
import { verdictFor } from "../../lib/policy/verdict.ts";
import { prepareLiveWorld } from "../../lib/simulate/prepare-live-world.ts";
import { stringify } from "yaml";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario } from "./world.ts";

const settings = { endpoints: [{ profiles: [] }] };

describeScenario("scenario 1: default deny without anything that allows", (world) => {
  test("every node is withheld, nothing is written, and each cut flow has its fix", async () => {
    await world().put(someNodeObjects(5));
    const { report } = await world().run({ settings });
    expect(report).toMatchObject({
      status: "withheld",
      counts: { nodes: 5, protected: 0, withheld: 5, create: 0 },
    });
    expect(await world().writes()).toEqual([]);
    expect(report.nodes.map((it) => it.reason)).toEqual(Array(5).fill("essential-flow-cut"));
    for (const id of [
      "api-server",
      "kubelet",
      "dns-tcp",
      "instance-metadata",
      "time",
      "registries",
      "sts",
      "cni-daemon",
    ])
      expect(report.findings).toContainEqual(
        expect.objectContaining({
          code: "essential-flow-cut",
          message: expect.stringContaining(`${id}: `),
          fix: expect.stringContaining("hepctl baseline"),
        }),
      );
  });

  test("the baseline parses, the real API server takes it, and with it default deny is written and every flow stays open", async () => {
    const nodes = someNodeObjects(3);
    await world().put(nodes);
    const objects = await world().withGateway(async (cluster, signal) =>
      baseline(
        await takeSnapshot(
          { scope: { kind: "cluster" }, namePatterns: [] },
          { cluster, clock: systemClock },
          signal,
        ),
        settingsSchema.parse(settings),
      ),
    );
    const text = objects.map((it) => stringify(it)).join("---\n");
    await world().put(parseAllDocuments(text).map((it) => it.toJS() as KubernetesObject));
    const { report } = await world().run({ settings });
    expect(report).toMatchObject({ status: "converged", counts: { protected: 3, create: 3, withheld: 0 } });

    const prepared = await world().withGateway((cluster, signal) =>
      prepareLiveWorld({ cluster, clock: systemClock }, signal),
    );
    const node = nodes[0]?.metadata.name ?? "";
    const ask = (ip: string, protocol: string, port: number) =>
      verdictFor(prepared.world, {
        node,
        direction: "egress",
        protocol,
        source: { ip: "10.0.0.1" },
        destination: { ip, port },
      }).verdict;
    expect([
      ask("52.1.2.3", "tcp", 443),
      ask("169.254.169.254", "tcp", 80),
      ask("169.254.169.123", "udp", 123),
    ]).toEqual(["allow", "allow", "allow"]);
    expect(ask("192.0.2.1", "tcp", 25)).toBe("deny");
    const again = await world().withGateway(async (cluster, signal) =>
      baseline(
        await takeSnapshot(
          { scope: { kind: "cluster" }, namePatterns: [] },
          { cluster, clock: systemClock },
          signal,
        ),
        settingsSchema.parse(settings),
      ),
    );
    expect(again).toEqual([]);
  });
});
