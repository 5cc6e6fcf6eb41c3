import { describe, expect, test } from "@jest/globals";
import { metricsOf } from "../../../lib/observability/metrics-of.ts";
import type { Report } from "../../../lib/model/report.ts";
import { aGlobalNetworkPolicy } from "../../builders/a-guard-request.ts";
import { aStage, HALT, SOAK, type Stage } from "./stage.ts";

const waiting = (report: Report) =>
  report.actions.filter((it) => it.reason === "canary-wait").map((it) => it.node);
const codes = (report: Report) => report.findings.map((it) => it.code);
const metricsFor = (report: Report) =>
  metricsOf({ report, whole: true, nodes: [], apiRequests: 0, milliseconds: 0, endedAt: 0 });

async function rolledOut(stage: Stage): Promise<Stage> {
  await stage.run();
  stage.pass(SOAK);
  await stage.run();
  return stage;
}

describe("who goes first", () => {
  test("the first Ready nodes of each group, by name; the others wait, are told for whom, and wake nobody", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2", "a-3", "b-1", "b-2"], nodesPerGroup: 2 });
    stage.kill("a-1", "not-ready");
    const { report } = await stage.run();
    expect(stage.endpoints()).toEqual(["a-2", "a-3", "b-1", "b-2"]);
    expect(waiting(report)).toEqual(["a-1"]);
    expect(report.actions.find((it) => it.node === "a-1")?.detail).toMatch(
      /^a-2, a-3 of node group a must stay healthy for 600 s/,
    );
    expect(codes((await stage.run()).report)).toContain("canary-soaking");
    expect(metricsFor(report).Withheld).toBe(0);
  });

  test("an event about a node begins no trial, but lets a node of a proven group join at the next resync", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    const { report } = await stage.run({ triggers: [{ kind: "nodes", nodes: ["a-2"] }] });
    expect(stage.endpoints()).toEqual([]);
    expect(waiting(report)).toEqual(["a-2"]);
    await rolledOut(stage);
    stage.put("a-9");
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2", "a-9"]);
    expect(stage.mark("a-9")).toBeUndefined();
  });

  test("a group that lives with the same endpoints already, from stage enforce, needs no trial", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run({ settings: { stage: "enforce" } });
    stage.put("a-3");
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2", "a-3"]);
    expect(stage.mark("a-3")).toBeUndefined();
  });
});

describe("what is a rollout", () => {
  test("a profile that goes is; one that comes is not", async () => {
    const allowing = { endpoints: [{}] };
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run({ settings: { stage: "enforce", ...allowing } });
    const { report } = await stage.run();
    expect(waiting(report)).toEqual(["a-2"]);
    expect(stage.mark("a-1")?.phase).toBe("soaking");
    const back = await stage.run({ settings: allowing });
    expect(waiting(back.report)).toEqual([]);
    expect(stage.endpoint("a-1")?.spec?.["profiles"]).toEqual(["projectcalico-default-allow"]);
  });

  test("a label that another policy selects is; any other label is not", async () => {
    const stage = await rolledOut(aStage({ nodes: ["a-1", "a-2"] }));
    stage.cluster.put(
      aGlobalNetworkPolicy("databases", {
        selector: "tier == 'db'",
        order: 9999,
        ingress: [{ action: "Allow" }],
        egress: [{ action: "Allow" }],
      }),
    );
    for (const name of ["a-1", "a-2"]) stage.put(name, { labels: { team: "red" } });
    expect((await stage.run()).report.status).toBe("converged");
    expect(stage.endpoint("a-2")?.metadata.labels).toMatchObject({ team: "red" });
    for (const name of ["a-1", "a-2"]) stage.put(name, { labels: { tier: "db" } });
    const { report } = await stage.run();
    expect(waiting(report)).toEqual(["a-2"]);
    expect(stage.mark("a-1")?.phase).toBe("soaking");
  });
});

describe("a trial", () => {
  test("begins anew when another machine registers under the name", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run();
    stage.pass(SOAK - 10);
    stage.cluster.remove("v1", "nodes", "a-1");
    stage.put("a-1", { uid: "another-machine" });
    await stage.run();
    stage.pass(20);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1"]);
    stage.pass(SOAK);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2"]);
  });

  test("is not passed by a kubelet that nobody has seen since the write", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    const settings = { canary: { soakSeconds: 60 } };
    await stage.run({ settings });
    stage.kill("a-1", "lease");
    stage.pass(60);
    await stage.run({ settings });
    expect(stage.endpoints()).toEqual(["a-1"]);
    stage.pass(30);
    await stage.run({ settings });
    expect(stage.endpoints()).toEqual([HALT]);
  });

  test("is neither passed nor lost by a node that is taken out of service", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run();
    stage.put("a-1", { ready: "False", taints: ["karpenter.sh/disrupted"] });
    stage.pass(SOAK);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1"]);
    stage.cluster.remove("v1", "nodes", "a-1");
    await stage.run();
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-2"]);
    expect(stage.mark("a-2")?.phase).toBe("soaking");
  });

  test("opens the group only when all of its canaries have passed; until then the next one takes a free place", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2", "a-3", "a-4"], nodesPerGroup: 2 });
    await stage.run();
    stage.put("a-2", { taints: ["karpenter.sh/disrupted"] });
    stage.pass(SOAK);
    for (let round = 0; round < 2; round++) await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2", "a-3"]);
    expect(["a-1", "a-2", "a-3"].map((it) => stage.mark(it)?.phase)).toEqual([
      undefined,
      "soaking",
      "soaking",
    ]);
    stage.put("a-2");
    stage.pass(SOAK);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", "a-2", "a-3", "a-4"]);
  });

  test("without the permission to look at leases never ends, and says so", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run();
    stage.cluster.fail({ verb: "get", resource: "leases", as: "forbidden" });
    stage.pass(SOAK * 3);
    const { report } = await stage.run();
    expect(stage.endpoints()).toEqual(["a-1"]);
    expect(codes(report)).toContain("canary-unreadable");
    stage.kill("a-1", "not-ready");
    await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
  });

  test.each([
    [true, [HALT]],
    [false, ["a-1", "a-2"]],
  ])("with canary.probe %s a kubelet that takes no new connection: %j", async (probe, expected) => {
    const stage = aStage({ nodes: ["a-1", "a-2"], probe });
    await stage.run();
    stage.kill("a-1", "kubelet");
    stage.pass(SOAK);
    await stage.run();
    expect(stage.endpoints()).toEqual(expected);
  });

  test("only canaries are asked, and nobody outside stage canary", async () => {
    const stage = aStage({ probe: true });
    const asked = () =>
      stage.cluster.calls
        .filter((it) => it.resource === "leases" || it.resource === "nodes/proxy")
        .map((it) => it.name);
    await stage.run();
    expect(asked()).toEqual([]);
    await stage.run();
    expect(asked().sort()).toEqual(["a-1", "a-1", "b-1", "b-1"]);
    await stage.run({ settings: { stage: "enforce" } });
    expect(asked()).toHaveLength(4);
  });
});

describe("a rollback", () => {
  test("removes nothing while the mark of the stop cannot be written", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run();
    stage.kill("a-1", "not-ready");
    const heal = stage.cluster.fail({
      verb: "create",
      resource: "hostendpoints",
      name: HALT,
      as: "server-error",
    });
    const { report } = await stage.run();
    expect(stage.endpoints()).toEqual(["a-1"]);
    expect(stage.endpoint("a-1")?.spec?.["profiles"]).toEqual(["projectcalico-default-allow"]);
    expect(report.status).toBe("partial");
    heal();
    await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
  });

  test("removes no endpoint whose own allow profile could not be written", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2", "a-3"], nodesPerGroup: 2 });
    await stage.run();
    for (const name of ["a-1", "a-2"]) stage.kill(name, "not-ready");
    const heal = stage.cluster.fail({
      verb: "update",
      resource: "hostendpoints",
      name: "a-1",
      as: "server-error",
    });
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1", HALT]);
    expect(stage.endpoint("a-1")?.spec).not.toHaveProperty("profiles");
    heal();
    await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
  });

  test("is told: the node is withheld and unprotected, the alarm's metric is there for as long as the stop is", async () => {
    const stage = aStage({ nodes: ["a-1"] });
    await stage.run();
    stage.kill("a-1", "lease");
    stage.pass(200);
    for (let round = 0; round < 2; round++) {
      const { report } = await stage.run();
      expect(report.nodes).toEqual([
        expect.objectContaining({ node: "a-1", status: "withheld", reason: "canary-rolled-back" }),
      ]);
      expect(report.counts).toMatchObject({ protected: 0, unprotected: 1 });
      expect(metricsFor(report).Withheld).toBe(1);
      expect(report.findings.find((it) => it.code === "canary-rolled-back")?.fix).toContain(
        `kubectl delete hostendpoints.crd.projectcalico.org ${HALT}`,
      );
    }
  });

  test("is not undone by an older run that saw the canary healthy", async () => {
    let overtake: (() => Promise<void>) | undefined;
    const stage: Stage = aStage({
      nodes: ["a-1", "a-2"],
      look: async (_stage, call) => {
        if (call?.verb !== "update" || overtake === undefined) return;
        const rollBack = overtake;
        overtake = undefined;
        await rollBack();
      },
    });
    await stage.run();
    stage.pass(SOAK);
    // The older run is about to take the mark off: then the node falls ill, and another run begins its rollback and dies.
    overtake = async () => {
      stage.kill("a-1", "not-ready");
      await stage.crash(2);
    };
    await stage.run();
    expect(stage.mark("a-1")?.phase).toBe("rolled-back");
    expect(stage.endpoint("a-1")?.spec?.["profiles"]).toEqual(["projectcalico-default-allow"]);
  });

  test("leaves room in the budget for real orphans while the rollout is stopped", async () => {
    const stage = await rolledOut(aStage({ nodes: ["a-1", "z-1"] }));
    stage.put("b-1");
    await stage.run();
    stage.kill("b-1", "not-ready");
    await stage.run();
    stage.cluster.remove("v1", "nodes", "z-1");
    await stage.run({ settings: { limits: { deletes: 1 } } });
    expect(stage.endpoints()).toEqual(["a-1", HALT]);
  });

  test("begins anew only after a person removed the mark", async () => {
    const stage = aStage({ nodes: ["a-1", "a-2"] });
    await stage.run();
    stage.kill("a-1", "not-ready");
    await stage.run();
    stage.revive("a-1");
    await stage.run();
    expect(stage.endpoints()).toEqual([HALT]);
    stage.cluster.remove("crd.projectcalico.org/v1", "hostendpoints", HALT);
    await stage.run();
    expect(stage.endpoints()).toEqual(["a-1"]);
  });
});
