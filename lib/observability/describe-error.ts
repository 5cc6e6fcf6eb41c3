import { DeniedError, GatewayError, ThrottledError, UnreachableError, UsageError } from "../model/errors.ts";

/** What a log line says of an error: its word, its sentence, and the words of what caused it, never their sentences. */
export type DescribedError = {
  readonly error: string;
  readonly detail: string;
  readonly layer?: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** Names and codes of the causes, outermost first. */
  readonly causes?: readonly string[];
  /** Only of an error that we did not foresee. */
  readonly stack?: string;
};

/** Errors of our own family have messages that were written to be read; of any other only the stack can help. */
export function describeError(thrown: unknown): DescribedError {
  if (!(thrown instanceof Error)) return { error: "not-an-error", detail: String(thrown) };
  const isForeseen = thrown instanceof GatewayError || thrown instanceof UsageError;
  const causes = causesOf(thrown.cause);
  return {
    error: thrown.name,
    detail: thrown.message,
    ...(thrown instanceof UnreachableError ? { layer: thrown.layer } : {}),
    ...(thrown instanceof DeniedError ? { status: thrown.status } : {}),
    ...(thrown instanceof ThrottledError && thrown.retryAfterSeconds !== undefined
      ? { retryAfterSeconds: thrown.retryAfterSeconds }
      : {}),
    ...(causes.length === 0 ? {} : { causes }),
    ...(isForeseen || thrown.stack === undefined ? {} : { stack: thrown.stack }),
  };
}

function causesOf(cause: unknown): readonly string[] {
  if (!(cause instanceof Error)) return [];
  const code = "code" in cause && typeof cause.code === "string" ? ` ${cause.code}` : "";
  return [`${cause.name}${code}`, ...causesOf(cause.cause)];
}
