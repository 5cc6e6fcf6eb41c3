import { expect, test } from "@jest/globals";
import { computePlan } from "../../../lib/plan/compute-plan.ts";
import { aHostEndpoint } from "../../builders/a-host-endpoint.ts";

const observed = aHostEndpoint({ name: "legacy", node: "n" });
const desired = { nodes: [{ kind: "wanted", node: "n", endpoints: [] }] } as const;
const request = {
  desired,
  scope: { kind: "cluster" },
  hostEndpoints: [observed],
  owner: "hostendpoint-reconciler",
} as const;

test("what is kept stays while its node lives, and goes with it", () => {
  const kept = ["legacy"];
  expect(computePlan({ ...request, absentNodes: [] }).actions).toMatchObject([{ reason: "no-template" }]);
  expect(computePlan({ ...request, absentNodes: [], kept }).actions).toEqual([]);
  expect(computePlan({ ...request, desired: { nodes: [] }, absentNodes: ["n"], kept }).actions).toMatchObject(
    [{ kind: "delete", reason: "node-gone" }],
  );
});
