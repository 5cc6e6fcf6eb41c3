import type { WithheldReason } from "../model/guarded-plan.ts";
import type { NodeStatus, Report, ReportedNode } from "../model/report.ts";
import type { ResolvedInstance } from "../model/snapshot.ts";

/**
 * How it stands with the instance that a trigger named.
 * `not-its-turn`: the stage withholds its endpoint, not the guard. `gone`: EC2 says terminated. `other-cluster`: its tags name
 * another cluster. `not-ours`: nothing says that it is of any cluster of ours. `unknown`: EC2 does not know it.
 */
export type InstanceStatus = NodeStatus | "not-its-turn" | "gone" | "other-cluster" | "not-ours" | "unknown";

/** What a stage, and not the guard, holds back: no reason to hold a machine. */
const WITHHELD_BY_STAGE: ReadonlySet<string> = new Set<WithheldReason>([
  "observe-stage",
  "canary-wait",
  "canary-rolled-back",
]);

/**
 * The status of an instance after a run: its Node's, when it has one.
 * An instance that the run did not look up, or a Node that the report does not speak of, is `failed`: nobody vouches for it.
 */
export function instanceStatusOf(
  instanceId: string,
  instances: readonly ResolvedInstance[],
  report: Pick<Report, "nodes">,
): InstanceStatus {
  const resolved = instances.find((it) => it.instanceId === instanceId);
  if (resolved === undefined) return "failed";
  switch (resolved.kind) {
    case "registered":
      return statusOfNode(report.nodes.find((it) => it.node === resolved.node));
    case "not-registered":
      return "waiting";
    case "gone":
      return "gone";
    case "other-cluster":
      return "other-cluster";
    case "unknown":
      return "unknown";
  }
}

function statusOfNode(node: ReportedNode | undefined): InstanceStatus {
  if (node === undefined) return "failed";
  return node.status === "withheld" && WITHHELD_BY_STAGE.has(node.reason) ? "not-its-turn" : node.status;
}
