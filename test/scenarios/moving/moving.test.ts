/**
 * Moving over from everybody, and back: in no state of the cluster, watched resourceVersion by resourceVersion, is a node without an
 * endpoint in force or under a weaker one; no endpoint is written more than twice each way; whoever is killed at a write goes on.
 * `MOVING_NODES=1000` for a larger fleet.
 */
import { expect, test } from "@jest/globals";
import process from "node:process";
import { parseDocument } from "yaml";
import { formatImported } from "../../../functions/cli/run/run-import.ts";
import { translateRegex } from "../../../functions/cli/settings/translate-regex.ts";
import { adopt } from "../../../lib/adopt/adopt.ts";
import type { AdoptRequest, Other } from "../../../lib/adopt/adopt-request.ts";
import { parseSettings, type Settings } from "../../../lib/config/settings.ts";
import { readSource } from "../../../lib/import/read-source.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import type { Report } from "../../../lib/model/report.ts";
import { CALICO_CREATED_BY_LABEL, KUBERNETES_GROUP, OWNER_LABEL } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import type { ClusterGateway } from "../../../lib/ports/kubernetes.ts";
import { systemClock } from "../../../lib/ports/clock.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { changesSince, type Change } from "../../control-plane/watch-history.ts";
import { describeScenario, type World } from "../world.ts";
import * as fleets from "./fleets.ts";
import { judgeHistory, writesPerEndpoint } from "./judge-history.ts";
import { KilledError, mortalGateway } from "./mortal-gateway.ts";

const ENDPOINTS = "/apis/crd.projectcalico.org/v1/hostendpoints";
const COUNT = Number(process.env["MOVING_NODES"] ?? 3);
const names = fleets.nodeNames(COUNT);
/** Death at each write of thousands would take the afternoon. */
const dies = COUNT <= 10;

/** What only the person who moves may read. */
const mover: readonly KubernetesObject[] = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "mover" },
    rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "mover" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mover" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: KUBERNETES_GROUP }],
  },
] as unknown as readonly KubernetesObject[];

const ways: readonly {
  readonly other: Other;
  readonly made: (node: string) => KubernetesObject;
  readonly beside: readonly KubernetesObject[];
}[] = [
  { other: "auto", made: fleets.automatic, beside: [fleets.calicoConfiguration("Enabled")] },
  { other: "operator", made: fleets.byOperator, beside: [fleets.operatorDeployment] },
  { other: "manual", made: fleets.byHand, beside: [] },
];

async function importSettings(world: World, from: Other): Promise<Settings> {
  const imported = await world.withGateway((gateway, signal) =>
    readSource({ from, owner: "hostendpoint-reconciler", translate: translateRegex }, gateway, signal),
  );
  expect(imported.problems).toEqual([]);
  expect(imported.notes.filter((it) => it.includes("will change"))).toEqual([]);
  const parsed = parseSettings(parseDocument(formatImported(imported)).toJS(), checkSelector);
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  return parsed.settings;
}

/** Runs it again and again, killed at its first write each time, until one lives to its end. */
async function throughDeaths(
  world: World,
  work: (gateway: ClusterGateway, signal: AbortSignal) => Promise<Report>,
): Promise<Report> {
  for (let run = 0; dies && run < 4 * COUNT + 4; run++)
    try {
      const when = run % 2 === 0 ? "before" : "after";
      return await world.withGateway((gateway, signal) => work(mortalGateway(gateway, when), signal));
    } catch (error) {
      if (!(error instanceof KilledError)) throw error;
    }
  return world.withGateway(work);
}

const move = (world: World, settings: Settings, request: Omit<AdoptRequest, "mode" | "choice">) =>
  throughDeaths(world, (cluster, signal) =>
    adopt({ ...request, choice: { kind: "all" }, mode: "apply" }, { settings, cluster }, signal),
  );

const run = (world: World, settings: Settings) =>
  throughDeaths(world, async (cluster, signal) => {
    const { report } = await reconcile(
      { triggers: [{ kind: "resync", source: "manual" }], mode: "apply" },
      { settings, cluster, clock: systemClock },
      signal,
    );
    return report;
  });

/** kube-controllers, when it learns that it is switched off: all that carries its label goes. */
async function switchCalicoOff(world: World): Promise<void> {
  const { admin } = world.controlPlane;
  await world.put([fleets.calicoConfiguration("Disabled")]);
  const marked = (await world.endpoints()).filter((it) => it.labels[CALICO_CREATED_BY_LABEL] !== undefined);
  await admin.forEach(marked, (it) => admin.remove(`${ENDPOINTS}/${it.name}`));
}

async function stateOf(world: World) {
  const { items, metadata } = await world.controlPlane.admin.list(ENDPOINTS);
  return { items: items as unknown as readonly KubernetesObject[], version: metadata.resourceVersion ?? "" };
}

function expectNoGap(
  nodes: readonly KubernetesObject[],
  endpoints: readonly KubernetesObject[],
  changes: readonly Change[],
): void {
  const wrong = judgeHistory({
    objects: [...nodes, ...fleets.policies],
    endpoints,
    changes,
    flows: fleets.flowsOf(names.slice(0, 20)),
  });
  expect(wrong).toEqual([]);
}

describeScenario("moving over, and back", (world) => {
  test.each(ways)(
    "from $other and back, killed at every write",
    async ({ other, made, beside }) => {
      const nodes = names.map(fleets.aWorker);
      await world().put([...mover, ...nodes, ...fleets.policies, ...beside, ...names.map(made)]);
      const before = await stateOf(world());
      const settings = await importSettings(world(), other);

      const over = await move(world(), settings, { from: other });
      expect(over).toMatchObject({ status: "converged", counts: { withheld: 0, failed: 0 } });
      if (other === "auto") await switchCalicoOff(world());
      const settled = await run(world(), settings);
      expect(settled).toMatchObject({
        status: "converged",
        counts: { foreign: 0, protected: COUNT, create: 0 },
      });

      const between = await stateOf(world());
      const overChanges = await changesSince(world().controlPlane, ENDPOINTS, before.version);
      expect(Math.max(...writesPerEndpoint(overChanges).values())).toBeLessThanOrEqual(2);
      expect(overChanges.filter((it) => it.type === "DELETED")).toEqual([]);
      expectNoGap(nodes, before.items, overChanges);

      if (other === "auto") await world().put([fleets.calicoConfiguration("Enabled")]);
      const back = await move(world(), settings, { to: other });
      expect(back).toMatchObject({ status: "converged", counts: { withheld: 0, failed: 0 } });
      const after = await world().endpoints();
      expect(after.map((it) => it.labels[OWNER_LABEL])).toEqual(names.map(() => undefined));
      expect(after.map((it) => it.labels[CALICO_CREATED_BY_LABEL])).toEqual(
        names.map(() => (other === "auto" ? "calico-kube-controllers" : undefined)),
      );
      const backChanges = await changesSince(world().controlPlane, ENDPOINTS, between.version);
      expect(Math.max(...writesPerEndpoint(backChanges).values())).toBeLessThanOrEqual(2);
      expectNoGap(nodes, between.items, backChanges);
      // What we leave behind is what was there: the other one finds its own.
      const shape = (it: KubernetesObject) => [it.metadata.name, it.spec];
      expect((await stateOf(world())).items.map(shape)).toEqual(before.items.map(shape));
    },
    300_000,
  );

  test("a node that is born between the adoption and the switch is looked after by running it again", async () => {
    const nodes = names.map(fleets.aWorker);
    await world().put([
      ...nodes,
      ...fleets.policies,
      fleets.calicoConfiguration("Enabled"),
      ...names.map(fleets.automatic),
    ]);
    const settings = await importSettings(world(), "auto");
    await move(world(), settings, { from: "auto" });
    const born = "node-9000";
    await world().put([fleets.aWorker(born), fleets.automatic(born)]);
    await switchCalicoOff(world());
    expect(await world().endpointNames()).not.toContain(`${born}-auto-hep`);
    await move(world(), settings, { from: "auto" });
    expect(await run(world(), settings)).toMatchObject({ status: "converged" });
    expect((await world().endpoint(`${born}-auto-hep`)).labels[OWNER_LABEL]).toBe("hostendpoint-reconciler");
  }, 120_000);

  test("what is Calico's again while Calico is off would be deleted: it is withheld, with the step that comes first", async () => {
    await world().put([
      ...names.map(fleets.aWorker),
      ...fleets.policies,
      fleets.calicoConfiguration("Enabled"),
      ...names.map(fleets.automatic),
    ]);
    const settings = await importSettings(world(), "auto");
    await move(world(), settings, { from: "auto" });
    await switchCalicoOff(world());
    const back = await move(world(), settings, { to: "auto" });
    expect(back).toMatchObject({ status: "withheld", counts: { withheld: COUNT } });
    expect(back.findings).toContainEqual(expect.objectContaining({ code: "switch-on" }));
  }, 120_000);

  test("settings under which a label is lost open what it closed: nothing is taken over by them", async () => {
    await world().put([...names.map(fleets.aWorker), ...fleets.policies, ...names.map(fleets.byHand)]);
    const parsed = parseSettings(
      { endpoints: [{ name: "{node}-ens5", interface: "ens5", profiles: [] }] },
      checkSelector,
    );
    if (!parsed.ok) throw new Error(parsed.problems.join("; "));
    for (const request of [{ from: "manual" as const }, {}]) {
      const report = await world().withGateway((cluster, signal) =>
        adopt(
          { ...request, choice: { kind: "names", names: names.map((it) => `${it}-ens5`) }, mode: "apply" },
          { settings: parsed.settings, cluster },
          signal,
        ),
      );
      expect(report.actions.map((it) => it.reason)).toEqual(names.map(() => "loosens"));
      expect(report.findings[0]?.message).toContain("port 9999");
    }
    await run(world(), parsed.settings);
    expect((await world().endpoints()).map((it) => it.labels["host-endpoint"])).toEqual(
      names.map(() => "frontend"),
    );
  }, 120_000);
});
