/**
 * Scenario 6: unresolvable profile, missing or old Calico. Given a template naming a profile that does not exist, then no
 * HostEndpoint is written there and the reason is in the status. Given no calico-node DaemonSet, or one too old, then
 * `doctor` says so.
 */
import { expect, test } from "@jest/globals";
import { settingsSchema } from "../../lib/config/settings.ts";
import { examine } from "../../lib/doctor/diagnose.ts";
import { readFacts } from "../../lib/doctor/read-facts.ts";
import type { KubernetesObject } from "../../lib/model/kubernetes-object.ts";
import { systemClock } from "../../lib/ports/clock.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import { describeScenario, type World } from "./world.ts";

function calicoNode(image: string): KubernetesObject {
  const labels = { "k8s-app": "calico-node" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "calico-node", namespace: "kube-system" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "calico-node", image }] } },
    },
  };
}

async function diagnosis(world: World) {
  const access = {
    version: async () => ({ gitVersion: "v1.36.0" }),
    whoAmI: async () => ({ user: "hostendpoint-reconciler", groups: ["hostendpoint-reconciler"] }),
    may: async () => ({ allowed: true }),
  };
  const facts = await world.withGateway((cluster, signal) =>
    readFacts({ settings: settingsSchema.parse({}), cluster, access, clock: systemClock }, signal),
  );
  return examine({ server: "https://test", without: [] }, facts);
}

describeScenario("scenario 6: unresolvable profile, missing or old Calico", (world) => {
  test("a profile that does not exist: nothing is written there, and the status says why", async () => {
    await world().put(someNodeObjects(2));
    const { report } = await world().run({ settings: { endpoints: [{ profiles: ["no-such-profile"] }] } });
    expect(report.nodes.map((it) => [it.status, it.reason])).toEqual(
      Array(2).fill(["withheld", "unresolvable-profile"]),
    );
    expect(report.nodes[0]?.detail).toContain("no-such-profile");
    expect(await world().endpointNames()).toEqual([]);
  });

  test("no calico-node, or one from before the allow profile: doctor says so", async () => {
    await world().put(someNodeObjects(1));
    const missing = await diagnosis(world());
    expect(missing.findings.filter((it) => it.object.includes("calico-node"))).not.toEqual([]);
    await world().put([calicoNode("quay.io/calico/node:v3.10.0")]);
    const old = await diagnosis(world());
    expect(
      old.findings.filter((it) => it.object.includes("calico-node") && it.severity !== "info"),
    ).not.toEqual([]);
  });
});
