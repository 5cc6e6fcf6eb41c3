/**
 * Has the API server open a new connection to a kubelet. Established ones live on when a node is cut off, so only a new
 * one says something (docs/calico.md 0, item 9).
 *
 * In: a transport, the Node's name. Out: `answered`, `failed`, or undefined when nothing was said about the kubelet.
 * Must never happen: a budget of ours that ran out taken for a kubelet that is silent. An API server that answers 5xx for
 * itself cannot be told from one that speaks of the kubelet; to go back for nothing is the safe side.
 */
import { DeniedError, GatewayError, UnreachableError } from "../../model/errors.ts";
import type { ApiRequest } from "../requests/api-request.ts";
import type { BodyReader } from "../connection/open-connection.ts";
import type { Transport } from "../connection/transport.ts";

/** The API server gives up after 30 s; a packet that is let through is there in milliseconds. */
const PATIENCE_MILLISECONDS = 10_000;

/** @throws DeniedError without `get` on `nodes/proxy`; UnreachableError when the API server cannot be reached. */
export async function probeKubelet(
  transport: Transport,
  node: string,
  signal: AbortSignal,
): Promise<"answered" | "failed" | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const request: ApiRequest = {
    verb: "get",
    group: "",
    resource: "nodes/proxy",
    name: node,
    path: `/api/v1/nodes/${encodeURIComponent(node)}/proxy/healthz`,
    repeatable: false,
  };
  try {
    await transport.send(request, AbortSignal.any([signal, patience]), ignoringTheBody);
    return "answered";
  } catch (error) {
    if (error instanceof DeniedError || !(error instanceof GatewayError)) throw error;
    if (!(error instanceof UnreachableError)) return undefined;
    // 502 and 503 are the API server's words for a kubelet that it does not reach, 500 a kubelet's own for ill.
    if (error.layer === "server" || (patience.aborted && !signal.aborted)) return "failed";
    throw error;
  }
}

/** A kubelet answers "ok" and no object; that it answered with 200 is all there is to know. */
function ignoringTheBody(): BodyReader {
  return { write: () => {}, end: () => "{}" };
}
