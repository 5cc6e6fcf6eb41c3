/**
 * Goes to the API server hop by hop and names the first one that fails: name, connection, TLS, who we are, what we may.
 * A person who cannot connect wants to know which of them to mend.
 */
import { DeniedError, GatewayError } from "../../model/errors.ts";
import type { AccessReader } from "./access-facts.ts";
import type { ConnectionPlan } from "../connection/connection-plan.ts";
import { openSocket } from "../connection/open-socket.ts";

export type Hop = "dns" | "tcp" | "tls" | "authentication" | "authorization";

export type ProbeResult =
  | { readonly ok: true; readonly version: string }
  | {
      readonly ok: false;
      /** The first hop that failed; `server` when it was reached and then did not work. */
      readonly hop: Hop | "credentials" | "server";
      readonly status?: 401 | 403;
      /** What happened and what to do. */
      readonly message: string;
    };

export type ProbeInput = {
  readonly plan: ConnectionPlan;
  readonly access: AccessReader;
  readonly timeoutMilliseconds: number;
};

/** Never throws. With a proxy in between, the first three hops are the proxy's business and are not tried one by one. */
export async function probe(input: ProbeInput, signal: AbortSignal): Promise<ProbeResult> {
  try {
    if (input.plan.proxy === undefined) await reach(input);
    const { gitVersion } = await input.access.version(signal);
    const answer = await input.access.may({ verb: "list", group: "", resource: "nodes" }, signal);
    if (answer.allowed) return { ok: true, version: gitVersion };
    return {
      ok: false,
      hop: "authorization",
      status: 403,
      message:
        input.plan.endpoint.protocol === "https:"
          ? "these credentials are accepted, but may not list nodes: apply the ClusterRole and binding that `hepctl rbac` prints"
          : "without credentials, which no http:// address gets, nodes may not be listed: give the server an https:// address",
    };
  } catch (error) {
    return describeFailure(error);
  }
}

async function reach(input: ProbeInput): Promise<void> {
  const { endpoint, tls } = input.plan;
  const secure = endpoint.protocol === "https:";
  const socket = await openSocket({
    host: endpoint.hostname.replace(/^\[|\]$/g, ""),
    port: Number(endpoint.port === "" ? (secure ? 443 : 80) : endpoint.port),
    tls: secure ? tls.settings : undefined,
    timeoutMilliseconds: input.timeoutMilliseconds,
  });
  socket.destroy();
}

function describeFailure(error: unknown): ProbeResult {
  if (error instanceof DeniedError)
    return {
      ok: false,
      hop: error.status === 401 ? "authentication" : "authorization",
      status: error.status,
      message: error.message,
    };
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof GatewayError)) return { ok: false, hop: "server", message };
  const layer = "layer" in error ? error.layer : "server";
  return {
    ok: false,
    hop: layer === "dns" || layer === "tcp" || layer === "tls" || layer === "credentials" ? layer : "server",
    message,
  };
}
