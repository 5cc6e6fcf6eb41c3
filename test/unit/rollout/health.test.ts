import { expect, test } from "@jest/globals";
import { healthOf } from "../../../lib/rollout/health.ts";
import type { NodeHealth } from "../../../lib/model/rollout.ts";
import { aNode, type NodeSketch } from "../../builders/a-node.ts";

const START = Date.parse("2026-11-22T00:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** The write was at 0 s; it is 100 s now. */
test.each<[string, string, NodeSketch, Partial<NodeHealth> | undefined]>([
  ["renewed a moment ago", "healthy", {}, { leaseRenewedAt: at(95) }],
  ["renewed 40 s ago: its lease lasts just so long", "healthy", {}, { leaseRenewedAt: at(60) }],
  ["renewed 41 s ago: nothing is proven", "unsure", {}, { leaseRenewedAt: at(59) }],
  ["renewed 80 s ago: still within patience", "unsure", {}, { leaseRenewedAt: at(20) }],
  ["renewed 81 s ago", "sick", {}, { leaseRenewedAt: at(19) }],
  ["a long lease of its own", "healthy", {}, { leaseRenewedAt: at(5), leaseSeconds: 300 }],
  [
    "not renewed since the write, though the lease still lasts",
    "unsure",
    {},
    { leaseRenewedAt: at(-1), leaseSeconds: 300 },
  ],
  ["no lease at all, 100 s after the write", "sick", {}, {}],
  ["a lease that may not be read", "unsure", {}, { unreadable: "403" }],
  ["a lease that may not be read, and not Ready", "sick", { ready: "Unknown" }, { unreadable: "403" }],
  ["nobody looked", "unsure", {}, undefined],
  ["NotReady", "sick", { ready: "False" }, { leaseRenewedAt: at(95) }],
  ["Ready unknown", "sick", { ready: "Unknown" }, { leaseRenewedAt: at(95) }],
  ["answers a new connection", "healthy", {}, { leaseRenewedAt: at(95), probe: "answered" }],
  [
    "Ready and renewing, but no new connection gets through",
    "sick",
    {},
    { leaseRenewedAt: at(95), probe: "failed" },
  ],
  ["may not be probed", "unsure", {}, { leaseRenewedAt: at(95), unreadable: "403" }],
  [
    "NotReady because Karpenter removes it",
    "unsure",
    { ready: "False", taints: ["karpenter.sh/disrupted"] },
    {},
  ],
  [
    "NotReady because its machine was shut down",
    "unsure",
    { ready: "Unknown", taints: ["node.cloudprovider.kubernetes.io/shutdown"] },
    {},
  ],
  ["being deleted", "unsure", { ready: "False", deleting: true }, {}],
])("%s: %s", (_what, kind, sketch, health) => {
  const node = aNode({ name: "n", ...sketch });
  const snapshot = {
    takenAt: at(100),
    ...(health === undefined ? {} : { health: [{ node: "n", ...health }] }),
  };
  expect(healthOf(node, { phase: "soaking", since: at(0) }, snapshot).kind).toBe(kind);
});
