import { expect, test } from "@jest/globals";
import type { Report, ReportedAction } from "../../../lib/model/report.ts";
import { metricsOf } from "../../../lib/observability/metrics-of.ts";

function anAction(changes: Partial<ReportedAction>): ReportedAction {
  return {
    action: "create",
    hostEndpoint: "n",
    node: "n",
    changes: [],
    outcome: "applied",
    reason: "missing",
    detail: "d",
    ...changes,
  };
}
const counts = {
  nodes: 4,
  protected: 3,
  unprotected: 1,
  create: 2,
  update: 1,
  delete: 3,
  unchanged: 0,
  withheld: 1,
  failed: 1,
  foreign: 1,
};
const report: Report = {
  status: "partial",
  stage: "enforce",
  group: "crd.projectcalico.org/v1",
  counts,
  actions: [
    anAction({ node: "young" }),
    anAction({ node: "ancient" }),
    anAction({ node: "not-registered" }),
    anAction({ outcome: "failed" }),
    anAction({ action: "update" }),
    anAction({ action: "delete" }),
    anAction({ action: "delete", outcome: "withheld" }),
    anAction({ action: "delete", outcome: "no-longer-needed" }),
  ],
  nodes: [],
  findings: [],
};
const run = {
  report,
  nodes: [
    { name: "young", createdAt: "2026-11-22T09:59:57Z" },
    { name: "ancient", createdAt: "2026-01-01T00:00:00Z" },
  ],
  apiRequests: 6,
  milliseconds: 80,
  endedAt: Date.parse("2026-11-22T10:00:00Z"),
};
const done = {
  Created: 3,
  Updated: 1,
  Deleted: 1,
  DeletesWaiting: 0,
  Withheld: 1,
  FlowsDenied: 0,
  Failed: 1,
  ApiRequests: 6,
  RunMilliseconds: 80,
  // A node that was there before us waited for the installation, not for the reconciler.
  TimeToProtectSeconds: [0, 3],
};

test("a run over some nodes counts only what it did", () => {
  expect(metricsOf({ ...run, whole: false })).toEqual(done);
});

test("a full run knows the cluster, and whether it succeeded", () => {
  expect(metricsOf({ ...run, whole: true })).toEqual({
    ...done,
    Nodes: 4,
    Protected: 3,
    Unprotected: 1,
    Stale: 1,
    Foreign: 1,
    Succeeded: 1,
  });
  expect(metricsOf({ ...run, whole: true, report: { ...report, status: "failed" } })).toMatchObject({
    Succeeded: 0,
  });
});
