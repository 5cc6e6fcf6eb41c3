/**
 * Deletes an endpoint whose Node is gone (or no longer selected), proven by a GET of that Node right before.
 *
 * The API has no delete that depends on another object, so a machine can register under the name between the proof and
 * the deletion, and find an endpoint that is taken away a moment later. The Node is therefore asked for once more
 * afterwards, and the endpoint put back: with the labels and the identity of the machine that is there now, when the guard
 * has nothing against that; else as it was, as if it had never been deleted, until a run has looked at the machine.
 */
import { ConflictError } from "../model/errors.ts";
import { describeFinalizers, type HostEndpoint } from "../model/host-endpoint.ts";
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
  const findNeed = async (): Promise<Need | undefined> =>
    action.reason === "released"
      ? undefined
      : needOf(action, await cluster.getNode(action.node, signal), request.wantedBy);
  const before = await findNeed();
  if (before !== undefined)
    return { action, outcome: "no-longer-needed", detail: before.because, served: action.observed };
  await cluster.delete(request.group, action.observed, signal);
  const left = await cluster.getHostEndpoint(request.group, action.name, signal);
  if (left !== undefined && left.uid === action.observed.uid) return stillThere(action, left);
  const after = await findNeed();
  if (after === undefined)
    return { action, outcome: "applied", ...(left === undefined ? {} : { served: left }) };
  const served = await putBack(action.observed, after.node, request, cluster, signal);
  const outcome = {
    action,
    outcome: "no-longer-needed",
    detail: `${after.because}: it was put back`,
  } as const;
  return served === undefined ? outcome : { ...outcome, served };
}

/** The API server said yes, and the endpoint is in force all the same. A finalizer is somebody else's: it is named and left alone. */
function stillThere(action: DeleteAction, left: HostEndpoint): ActionOutcome {
  if (!left.deleting)
    return {
      action,
      outcome: "failed",
      cause: "not-as-written",
      detail: `the API server said that it deleted HostEndpoint/${action.name}, and still serves it`,
    };
  const holders = describeFinalizers(left);
  return {
    action,
    outcome: "failed",
    cause: "held-by-finalizer",
    detail: `HostEndpoint/${action.name} is deleted and still in force: ${holders === "" ? "its deletion is not done" : `finalizer ${holders} keeps it`}. Whoever set the finalizer must let go of it`,
  };
}

type Need = { readonly node: Node; readonly because: string };

function needOf(
  action: DeleteAction,
  node: Node | undefined,
  wantedBy: ApplyRequest["wantedBy"],
): Need | undefined {
  if (node === undefined) return undefined;
  if (action.reason === "node-gone") return { node, because: `Node/${action.node} is there after all` };
  return wantedBy(node).some((it) => it.name === action.name)
    ? { node, because: `a template selects Node/${action.node} again` }
    : undefined;
}

/** As the machine that is there now should have it, when the guard lets that through; else as it was, until a run has looked. */
async function putBack(
  observed: HostEndpoint,
  node: Node,
  request: ApplyRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<HostEndpoint | undefined> {
  const { name, interfaceName, expectedIPs, profiles, labels, annotations } = observed;
  const before = { name, node: observed.node, interfaceName, expectedIPs, profiles, labels, annotations };
  const wanted = request.wantedBy(node).find((it) => it.name === name);
  const isProven = wanted !== undefined && request.mayRestore?.(node, wanted) === true;
  try {
    return await cluster.create(request.group, isProven ? wanted : before, signal);
  } catch (error) {
    // Whoever met the machine in between has made its endpoint already.
    if (!(error instanceof ConflictError)) throw error;
    return cluster.getHostEndpoint(request.group, name, signal);
  }
}
