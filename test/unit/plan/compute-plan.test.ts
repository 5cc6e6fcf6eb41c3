import { describe, expect, test } from "@jest/globals";
import type { Desired } from "../../../lib/model/desired.ts";
import type { HostEndpoint } from "../../../lib/model/host-endpoint.ts";
import type { Scope } from "../../../lib/model/scope.ts";
import { OWNER_LABEL } from "../../../lib/names/names.ts";
import { computePlan } from "../../../lib/plan/compute-plan.ts";
import { aDesiredHostEndpoint, aHostEndpoint } from "../../builders/a-host-endpoint.ts";

const owner = "hostendpoint-reconciler";
const wants = (...names: readonly string[]): Desired => ({
  nodes: names.map((node) => ({ kind: "wanted", node, endpoints: [aDesiredHostEndpoint({ name: node })] })),
});
const plan = (
  desired: Desired,
  hostEndpoints: readonly HostEndpoint[],
  absentNodes: readonly string[] = [],
  scope: Scope = { kind: "cluster" },
) => computePlan({ desired, hostEndpoints, absentNodes, scope, owner });

describe("creates, updates, deletes", () => {
  test("a missing endpoint is created, a right one is left alone", () => {
    const result = plan(wants("a", "b"), [aHostEndpoint({ name: "b" })]);
    expect(result.actions).toMatchObject([{ kind: "create", name: "a" }]);
    expect(result.unchanged).toEqual(["b"]);
  });

  test("every field that we own is repaired, with its path", () => {
    const drifted = aHostEndpoint({
      name: "a",
      interfaceName: "eth0",
      expectedIPs: ["10.9.9.9"],
      profiles: [],
      labels: { extra: "1" },
    });
    const [action] = plan(wants("a"), [drifted]).actions;
    const paths = action?.kind === "update" ? action.changes.map((it) => it.path) : [];
    expect(paths).toEqual(
      expect.arrayContaining([
        'metadata.labels["extra"]',
        "spec.interfaceName",
        "spec.expectedIPs",
        "spec.profiles",
      ]),
    );
  });

  test("a label that the node lost is a change with no `to`", () => {
    const [action] = plan(wants("a"), [
      aHostEndpoint({ name: "a", labels: { ...aDesiredHostEndpoint({ name: "a" }).labels, stale: "1" } }),
    ]).actions;
    expect(action?.kind === "update" && action.changes).toEqual([
      { path: 'metadata.labels["stale"]', from: "1" },
    ]);
  });

  test("foreign annotations, ports and the order of addresses are no drift", () => {
    const desired: Desired = {
      nodes: [
        {
          kind: "wanted",
          node: "a",
          endpoints: [aDesiredHostEndpoint({ name: "a", expectedIPs: ["10.0.0.1", "10.0.0.2"] })],
        },
      ],
    };
    const observed = aHostEndpoint({
      name: "a",
      expectedIPs: ["10.0.0.2", "10.0.0.1"],
      annotations: { "someone.else/note": "x" },
      ports: [{ name: "ssh", port: 22, protocol: "TCP" }],
    });
    expect(plan(desired, [observed]).actions).toEqual([]);
  });

  test("a new machine under an old name is an update in place", () => {
    const observed = aHostEndpoint({
      name: "a",
      annotations: { "hostendpoint-reconciler/node-uid": "another-machine" },
    });
    expect(plan(wants("a"), [observed]).actions).toMatchObject([{ kind: "update", name: "a" }]);
  });

  test("an orphan is deleted only when its node was seen to be gone", () => {
    const orphan = aHostEndpoint({ name: "gone" });
    expect(plan(wants(), [orphan], ["gone"]).actions).toMatchObject([
      { kind: "delete", reason: "node-gone" },
    ]);
    expect(plan(wants(), [orphan]).actions).toEqual([]);
  });

  test("a node that waits for an address keeps the endpoint that it has", () => {
    const desired: Desired = {
      nodes: [{ kind: "waiting", node: "a", reason: "no-address", detail: "", endpoints: [] }],
    };
    expect(plan(desired, [aHostEndpoint({ name: "a" })]).actions).toEqual([]);
  });

  test("a renamed endpoint is created, and the old name is deleted", () => {
    const desired: Desired = {
      nodes: [
        { kind: "wanted", node: "a", endpoints: [aDesiredHostEndpoint({ name: "a-main", node: "a" })] },
      ],
    };
    expect(plan(desired, [aHostEndpoint({ name: "a" })]).actions.map((it) => [it.kind, it.name])).toEqual([
      ["delete", "a"],
      ["create", "a-main"],
    ]);
  });
});

describe("what is not ours", () => {
  const foreign = aHostEndpoint({ name: "a", owner: null });
  const other = aHostEndpoint({ name: "b", owner: "another-installation" });
  const auto = aHostEndpoint({ name: "c-auto-hep", node: "c", owner: null });

  test("is never in an action, and is reported with its owner", () => {
    const result = plan(wants("a", "b", "c"), [foreign, other, auto]);
    expect(result.actions).toMatchObject([{ kind: "create", name: "c" }]);
    expect(result.foreign).toEqual([
      { name: "a", node: "a", owner: "unknown", blocks: true },
      { name: "b", node: "b", owner: "other-installation", blocks: true },
      { name: "c-auto-hep", node: "c", owner: "calico-auto", blocks: false },
    ]);
  });

  test("is not deleted when its node is gone", () => {
    expect(plan(wants(), [foreign, other, auto], ["a", "b", "c"]).actions).toEqual([]);
  });

  test("ours is recognised when calicoctl moved its labels into the annotation", () => {
    const moved = aHostEndpoint({ name: "a", labelHome: "annotation" });
    expect(moved.labels[OWNER_LABEL]).toBe(owner);
    expect(plan(wants("a"), [moved]).actions).toEqual([]);
  });
});

test("nothing outside the scope is touched", () => {
  const scope: Scope = { kind: "nodes", nodes: ["a"], instances: [] };
  const result = plan(wants("a"), [aHostEndpoint({ name: "z" })], ["z"], scope);
  expect(result.actions.map((it) => it.name)).toEqual(["a"]);
});
