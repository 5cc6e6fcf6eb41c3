/**
 * A note in SSM that our hooks are being removed: until the time that it names, the resync puts none. It ends by itself, so that a
 * deletion that failed leaves no installation without its hooks.
 */
import { NotFoundError } from "../model/errors.ts";
import type { HooksPause } from "../ports/aws.ts";
import { classifyError } from "./classify-error.ts";
import { once, type AwsOptions } from "./client-options.ts";
import { ssmCalls } from "./clients/ssm.ts";

const PREFIX = "paused until ";

/** A value that cannot be read counts as no pause. */
export function hooksPause(parameterName: string, options: AwsOptions): HooksPause {
  const calls = once(async () => ssmCalls(options));
  return {
    until: async (signal) => {
      try {
        const ssm = await calls();
        const value = (await ssm.getParameter(parameterName, signal)).Parameter?.Value ?? "";
        const until = Date.parse(value.startsWith(PREFIX) ? value.slice(PREFIX.length) : "");
        return Number.isNaN(until) ? 0 : until;
      } catch (error) {
        const classified = classifyError(error, `GetParameter ${parameterName}`);
        if (classified instanceof NotFoundError) return 0;
        throw classified;
      }
    },
    pause: async (until, signal) => {
      try {
        const ssm = await calls();
        await ssm.putParameter(parameterName, `${PREFIX}${new Date(until).toISOString()}`, signal);
      } catch (error) {
        throw classifyError(error, `PutParameter ${parameterName}`);
      }
    },
  };
}
