import type { NodeStatus, Report } from "../model/report.ts";
import type { ResolvedInstance } from "../model/snapshot.ts";

/**
 * How it stands with the instance that a trigger named.
 * `gone`: EC2 says terminated. `other-cluster`: its tags name another cluster. `unknown`: EC2 does not know it.
 */
export type InstanceStatus = NodeStatus | "gone" | "other-cluster" | "unknown";

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
      return report.nodes.find((it) => it.node === resolved.node)?.status ?? "failed";
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
