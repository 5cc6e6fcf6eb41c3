/**
 * The one middy stack around our functions: it logs with the request's id, keeps time, and answers or fails in one way.
 *
 * In: what an invocation is handled with. Out: a handler that Lambda takes (two parameters: Node 24 refuses callbacks).
 * Must never happen: a run that Lambda kills in the middle. The signal aborts earlier, and leaves time to report.
 */
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { createLogger, type Logger, type LogLevel } from "../../lib/observability/create-logger.ts";
import { UsageError } from "../../lib/model/errors.ts";
import { cleanText } from "../../lib/model/clean-text.ts";
import { describeError } from "../../lib/observability/describe-error.ts";

export type Invocation = {
  readonly log: Logger;
  /** Aborts when it is time to stop working and to report. */
  readonly signal: AbortSignal;
  /** For the calls that report (hooks, queue): aborts when even these must end. */
  readonly reporting: AbortSignal;
};

export type ShellOptions<Answer> = {
  /** Says what the function is called in logs. */
  readonly name: string;
  readonly handle: (event: unknown, invocation: Invocation) => Promise<Answer>;
  readonly level?: LogLevel;
  readonly log?: Logger;
};

/** The asker's input is wrong: an answer, as a 400 is one. Lambda counts no error, so that a typo wakes nobody. */
export type Refused = { readonly status: "refused"; readonly detail: string };

export type LambdaHandler<Answer> = (event: unknown, context: Context) => Promise<Answer | Refused>;

/** Milliseconds between the signal and the end of the function: for hooks, for the queue and for the log. */
const REPORTING_MILLISECONDS = 4_000;

/** Milliseconds before the end at which even the reporting is given up; the queue then delivers the batch again. */
const LAST_MILLISECONDS = 500;

export function shell<Answer>(options: ShellOptions<Answer>): LambdaHandler<Answer> {
  const root = options.log ?? createLogger(options.level ?? "info", { function: options.name });
  let isColdStart = true;
  const handler = middy(
    async (event: unknown, context: Context): Promise<Answer | Refused> => {
      const log = root.child({ requestId: context.awsRequestId, coldStart: isColdStart });
      isColdStart = false;
      const remaining = context.getRemainingTimeInMillis();
      try {
        return await options.handle(event, {
          log,
          signal: abortAfter(remaining - REPORTING_MILLISECONDS),
          reporting: abortAfter(remaining - 2 * LAST_MILLISECONDS),
        });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        log.warn({ detail: error.message }, "refused");
        return { status: "refused", detail: error.message };
      }
    },
    { timeoutEarlyInMillis: LAST_MILLISECONDS },
  ).use(logFailures(root));
  return (event, context) => handler(event, context);
}

/** Says a failure once, without what a peer may have echoed of our request; Lambda then answers the caller with the error's name and message. */
function logFailures(log: Logger): MiddlewareObj<unknown, unknown, Error, Context> {
  return {
    onError: ({ error, context }) => {
      log.error({ requestId: context.awsRequestId, ...describeError(error) }, "invocation failed");
      // Only our own errors are made clean; Lambda hands message and stack of any to whoever invoked.
      if (error === null || error === undefined) return;
      error.message = cleanText(error.message);
      if (error.stack !== undefined) error.stack = cleanText(error.stack);
    },
  };
}

function abortAfter(milliseconds: number): AbortSignal {
  return AbortSignal.timeout(Math.max(1, Math.floor(milliseconds)));
}
