/**
 * Deletes an endpoint whose Node is gone (or no longer selected), proven by a GET of that Node right before.
 *
 * The API has no delete that depends on another object, so a machine can register under the name between the proof and
 * the deletion, and find an endpoint that is taken away a moment later. The Node is therefore asked for once more
 * afterwards, and the endpoint put back as it was: as if it had never been deleted. The run that hears of the machine
 * makes it right, with a guard that has seen it.
 */
import { ConflictError } from "../model/errors.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { DeleteAction } from "../model/plan.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import type { ApplyRequest } from "./apply-request.ts";

/** @throws what the gateway throws; a ConflictError when the endpoint changed since it was read. */
export async function deleteProven(
  action: DeleteAction,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const isNeeded = async (): Promise<string | undefined> =>
    action.reason === "released"
      ? undefined
      : whyNeeded(action, await cluster.getNode(action.node, signal), request.wantedBy);
  const before = await isNeeded();
  if (before !== undefined) return { action, outcome: "no-longer-needed", detail: before };
  await cluster.delete(request.group, action.observed, signal);
  const after = await isNeeded();
  if (after === undefined) return { action, outcome: "applied" };
  await putBack(action.observed, request, cluster, signal);
  return { action, outcome: "no-longer-needed", detail: `${after}: it was put back` };
}

function whyNeeded(
  action: DeleteAction,
  node: Node | undefined,
  wantedBy: ApplyRequest["wantedBy"],
): string | undefined {
  if (node === undefined) return undefined;
  if (action.reason === "node-gone") return `Node/${action.node} is there after all`;
  return wantedBy(node).some((it) => it.name === action.name)
    ? `a template selects Node/${action.node} again`
    : undefined;
}

async function putBack(
  { name, node, interfaceName, expectedIPs, profiles, labels, annotations }: HostEndpoint,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<void> {
  const before: DesiredHostEndpoint = {
    name,
    node,
    interfaceName,
    expectedIPs,
    profiles,
    labels,
    annotations,
  };
  try {
    await cluster.create(request.group, before, signal);
  } catch (error) {
    // Whoever met the machine in between has made its endpoint already.
    if (!(error instanceof ConflictError)) throw error;
  }
}
