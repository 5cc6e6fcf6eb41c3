/**
 * The mark of the break-glass: while it says `released`, nothing is reconciled until somebody arms the installation again.
 * An SSM parameter: it must hold when the cluster cannot be reached, and nothing of ours runs in the cluster.
 */
import { InvalidError, NotFoundError } from "../model/errors.ts";
import { classifyError } from "./classify-error.ts";
import { ssmCalls } from "./clients/ssm.ts";
import { once, type AwsOptions } from "./client-options.ts";

export type Mark = "armed" | "released";

export type ArmedMark = {
  /** `armed` when there is no parameter: an installation without a break-glass function. @throws errors of `model/errors.ts` */
  read(signal: AbortSignal): Promise<Mark>;
  write(mark: Mark, signal: AbortSignal): Promise<void>;
};

export function armedMark(parameterName: string, options: AwsOptions): ArmedMark {
  const calls = once(async () => ssmCalls(options));
  return {
    read: async (signal) => {
      const operation = `GetParameter ${parameterName}`;
      try {
        const ssm = await calls();
        const { Parameter } = await ssm.getParameter(parameterName, signal);
        return understand(Parameter?.Value, operation);
      } catch (error) {
        const classified = classifyError(error, operation);
        if (classified instanceof NotFoundError) return "armed";
        throw classified;
      }
    },
    write: async (mark, signal) => {
      try {
        const ssm = await calls();
        await ssm.putParameter(parameterName, mark, signal);
      } catch (error) {
        throw classifyError(error, `PutParameter ${parameterName}`);
      }
    },
  };
}

/** A word that we do not know is no permission to write. */
function understand(value: string | undefined, operation: string): Mark {
  if (value === "armed" || value === "released") return value;
  throw new InvalidError(
    `${operation}: the value must be "armed" or "released"; run the release function's "rearm"`,
  );
}
