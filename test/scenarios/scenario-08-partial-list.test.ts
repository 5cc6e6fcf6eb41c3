/**
 * Scenario 8: the list of Nodes is partial or empty. Given three pages, when page 2 answers 410 or breaks off in its body,
 * or when the whole list is 200 with no items, then nothing is deleted. A page that is lost once is no reason to fail: the
 * list starts again and the run goes on; a list that never becomes whole fails the run.
 */
import { expect, test } from "@jest/globals";
import { ExpiredError, UnreachableError } from "../../lib/model/errors.ts";
import { aHostEndpointObject } from "../builders/a-host-endpoint.ts";
import { someNodeObjects } from "../builders/a-node.ts";
import type { Misbehaviour } from "../fakes/fault-proxy.ts";
import { describeScenario } from "./world.ts";

const secondPage = /^\/api\/v1\/nodes\?.*continue=/;
const anyPage = /^\/api\/v1\/nodes\?/;

/** 1,100 Nodes are three pages. The endpoints of some of them, and one orphan, are there already. */
const fleet = someNodeObjects(1_100);
const endpoints = fleet
  .filter((_, index) => index % 100 === 0)
  .map(({ metadata: { name } }) => aHostEndpointObject({ name, labels: { "kubernetes.io/hostname": name } }));
const orphan = aHostEndpointObject({ name: "orphan", node: "orphan" });

describeScenario(
  "scenario 8: the list of Nodes is partial or empty",
  (world) => {
    const lasting: readonly (readonly [string, Misbehaviour, object])[] = [
      ["is too old (410) every time", { kind: "status", status: 410 }, { constructor: ExpiredError }],
      [
        "breaks off in its body every time",
        { kind: "reset-mid-body" },
        { constructor: UnreachableError, layer: "tcp" },
      ],
      ["is cut JSON", { kind: "truncated-json" }, { constructor: UnreachableError, layer: "protocol" }],
      [
        "is a list without items",
        { kind: "body", body: '{"kind":"NodeList","metadata":{}}' },
        { constructor: UnreachableError },
      ],
    ];
    test.each(lasting)("page 2 %s: the run fails and writes nothing", async (_name, how, error) => {
      const before = await world().endpointNames();
      world().network.fail({ path: secondPage, as: how });
      await expect(world().run()).rejects.toMatchObject(error);
      expect(await world().endpointNames()).toEqual(before);
      expect(await world().writes()).toEqual([]);
    });

    const passing: readonly (readonly [string, Misbehaviour])[] = [
      ["is too old (410) once", { kind: "status", status: 410 }],
      ["breaks off in its body once", { kind: "reset-mid-body" }],
    ];
    test.each(passing)("page 2 %s: the run sees the whole fleet after all", async (_name, how) => {
      world().network.fail({ path: secondPage, call: 1, as: how });
      const { report } = await world().run({ mode: "plan" });
      expect(report.counts).toMatchObject({ nodes: 1_100, delete: 1, create: 1_100 - endpoints.length });
    });

    test("an empty list with 200 deletes nothing, and says why", async () => {
      const before = await world().endpointNames();
      const empty = { kind: "NodeList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] };
      world().network.fail({ path: anyPage, as: { kind: "body", body: JSON.stringify(empty) } });
      const { report } = await world().run();
      expect(await world().endpointNames()).toEqual(before);
      expect(report.status).toBe("withheld");
      expect(report.findings).toContainEqual(
        expect.objectContaining({ severity: "error", code: "empty-cluster" }),
      );
    });

    // The last one, because it changes the world.
    test("a list that lacks half of the fleet deletes nothing: each Node is asked for first", async () => {
      const page = {
        kind: "NodeList",
        apiVersion: "v1",
        metadata: { resourceVersion: "1" },
        items: fleet.slice(550),
      };
      world().network.fail({ path: anyPage, as: { kind: "body", body: JSON.stringify(page) } });
      const { report } = await world().run({ settings: { limits: { deletes: 1_000, deleteShare: 1 } } });
      const kept = report.actions.filter((it) => it.action === "delete" && it.outcome === "no-longer-needed");
      expect(kept.map((it) => it.hostEndpoint)).toEqual(endpoints.slice(0, 6).map((it) => it.metadata.name));
      const left = new Set(await world().endpointNames());
      expect(endpoints.filter((it) => !left.has(it.metadata.name))).toEqual([]);
      expect(left.has("orphan")).toBe(false);
    });
  },
  { fleet: [...fleet, ...endpoints, orphan] },
);
