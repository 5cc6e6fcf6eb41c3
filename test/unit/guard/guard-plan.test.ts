/** The guard's rules that need no policy engine, each with what it must and must not hold back. */
import { describe, expect, test } from "@jest/globals";
import { parseSettings, type Settings } from "../../../lib/config/settings.ts";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { Action, Plan } from "../../../lib/model/plan.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { aDesiredHostEndpoint, aHostEndpoint } from "../../builders/a-host-endpoint.ts";
import { aNode } from "../../builders/a-node.ts";

function settings(value: object = {}): Settings {
  const parsed = parseSettings(value, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.settings;
}

function snapshotOf(part: Partial<Snapshot> = {}): Snapshot {
  return {
    scope: { kind: "cluster" },
    group: CALICO_V1,
    complete: true,
    nodes: [aNode({ name: "a" })],
    absentNodes: [],
    hostEndpoints: [],
    cluster: { autoHostEndpoints: false },
    policyObjects: { globalNetworkPolicies: [], tiers: [], globalNetworkSets: [], felixConfigurations: [] },
    calico: { versions: [], agents: [], looked: "all", stated: "" },
    network: {},
    instances: [],
    takenAt: "2026-11-22T00:00:00Z",
    ...part,
  };
}

const planOf = (...actions: readonly Action[]): Plan => ({ actions, unchanged: [], foreign: [] });

function creation(name = "a", sketch: Parameters<typeof aDesiredHostEndpoint>[0] = {}): Action {
  return { kind: "create", name, node: name, desired: aDesiredHostEndpoint({ name, ...sketch }) };
}
function deletion(observed: HostEndpoint): Action {
  return { kind: "delete", name: observed.name, node: observed.node, observed, reason: "node-gone" };
}

function reasons(plan: Plan, snapshot: Snapshot, value: object = {}): readonly string[] {
  return guardPlan({ plan, snapshot, safety: settings(value) }).withheld.map(
    (it) => `${it.action.kind} ${it.action.name}: ${it.violation.reason}`,
  );
}

test("a plain creation with the allow profile goes through", () => {
  expect(reasons(planOf(creation()), snapshotOf())).toEqual([]);
});

test("observe lets nothing through", () => {
  const guarded = guardPlan({
    plan: planOf(creation()),
    snapshot: snapshotOf(),
    safety: settings({ stage: "observe" }),
  });
  expect(guarded.allowed).toEqual([]);
  expect(guarded.withheld[0]?.violation.reason).toBe("observe-stage");
});

test("a paused datastore lets nothing through, and says why", () => {
  const paused = { reason: "datastore-locked", detail: "locked", fix: "unlock" } as const;
  const snapshot = snapshotOf({ cluster: { autoHostEndpoints: false, paused } });
  const guarded = guardPlan({ plan: planOf(creation()), snapshot, safety: settings() });
  expect(guarded.allowed).toEqual([]);
  expect(guarded.findings).toMatchObject([{ code: "datastore-locked" }]);
});

describe("deletions", () => {
  const orphans = Array.from({ length: 60 }, (_, index) =>
    aHostEndpoint({ name: `gone-${String(index).padStart(2, "0")}` }),
  );
  const others = Array.from({ length: 40 }, (_, index) =>
    aHostEndpoint({ name: `live-${String(index).padStart(2, "0")}` }),
  );

  test("at most limits.deletes in a run; a finding names how many wait", () => {
    const snapshot = snapshotOf({ hostEndpoints: [...orphans, ...others] });
    const guarded = guardPlan({ plan: planOf(...orphans.map(deletion)), snapshot, safety: settings() });
    expect(guarded.allowed).toHaveLength(10);
    expect(guarded.withheld).toHaveLength(50);
    expect(guarded.findings).toMatchObject([{ severity: "error", code: "delete-budget" }]);
    expect(guarded.findings[0]?.message).toContain("50 wait");
  });

  test("at most limits.deleteShare of our endpoints", () => {
    const hostEndpoints = [...orphans.slice(0, 9), ...others.slice(0, 11)];
    const guarded = guardPlan({
      plan: planOf(...orphans.slice(0, 9).map(deletion)),
      snapshot: snapshotOf({ hostEndpoints }),
      safety: settings(),
    });
    expect(guarded.allowed).toHaveLength(4);
  });

  test("always one, or a small cluster would never be cleaned up", () => {
    const gone = aHostEndpoint({ name: "gone" });
    const snapshot = snapshotOf({ hostEndpoints: [aHostEndpoint({ name: "a" }), gone] });
    expect(reasons(planOf(deletion(gone)), snapshot)).toEqual([]);
  });

  test("none when the cluster lists no Node at all", () => {
    const gone = aHostEndpoint({ name: "gone" });
    expect(reasons(planOf(deletion(gone)), snapshotOf({ nodes: [], hostEndpoints: [gone] }))).toEqual([
      "delete gone: empty-cluster",
    ]);
  });
});

test("a profile that cannot be resolved would deny everything", () => {
  expect(reasons(planOf(creation("a", { profiles: ["my-profile"] })), snapshotOf())).toEqual([
    "create a: unresolvable-profile",
  ]);
});

test("an endpoint without addresses is not written", () => {
  expect(reasons(planOf(creation("a", { expectedIPs: [] })), snapshotOf())).toEqual([
    "create a: no-addresses",
  ]);
});

test("beside Calico's own automatic endpoints nothing new is created", () => {
  const snapshot = snapshotOf({ cluster: { autoHostEndpoints: true } });
  expect(reasons(planOf(creation()), snapshot)).toEqual(["create a: calico-auto-host-endpoints"]);
});

describe("two endpoints on one node and interface: the lowest name is in force", () => {
  const finding = (foreign: string) => {
    const hostEndpoints = [aHostEndpoint({ name: foreign, node: "a", owner: null })];
    return guardPlan({
      plan: planOf(creation()),
      snapshot: snapshotOf({ hostEndpoints }),
      safety: settings(),
    }).findings;
  };
  test("ours wins over <node>-auto-hep", () => {
    expect(finding("a-auto-hep")).toMatchObject([{ severity: "info", code: "wins-precedence" }]);
  });
  test("ours loses to a lower name", () => {
    expect(finding("0-first")).toMatchObject([{ severity: "warning", code: "loses-precedence" }]);
  });
});

test("what creates goes before what removes", () => {
  const gone = aHostEndpoint({ name: "0-gone" });
  const guarded = guardPlan({
    plan: planOf(deletion(gone), creation("z")),
    snapshot: snapshotOf({ hostEndpoints: [gone] }),
    safety: settings(),
  });
  expect(guarded.allowed.map((it) => it.kind)).toEqual(["create", "delete"]);
});
