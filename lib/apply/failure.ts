import {
  ConflictError,
  DeniedError,
  InvalidError,
  ThrottledError,
  UnreachableError,
  type GatewayError,
} from "../model/errors.ts";
import type { FailureCause } from "../model/outcome.ts";
import type { Action } from "../model/plan.ts";

/** The closed word for an error of the family. */
export function causeOf(error: GatewayError): FailureCause {
  if (error instanceof ConflictError) return "conflict";
  if (error instanceof ThrottledError) return "throttled";
  if (error instanceof DeniedError) return "denied";
  if (error instanceof InvalidError) return "invalid";
  if (error instanceof UnreachableError && error.layer !== "server") return "unreachable";
  return "server-error";
}

export function describeFailure(action: Action, error: GatewayError): string {
  return `could not ${action.kind} HostEndpoint/${action.name} of node ${action.node}: ${error.message}`;
}
