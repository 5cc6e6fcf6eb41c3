/** Loaded at the first use. Only what is named here gets into the bundle. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { clientOptions, type AwsOptions } from "../client-options.ts";

/** A function may run for 15 minutes, and must not be started twice because its answer was slow. */
export function lambdaCalls(options: AwsOptions) {
  const shared = clientOptions(options);
  const client = new LambdaClient({
    ...shared,
    maxAttempts: 1,
    requestHandler: { ...shared.requestHandler, requestTimeout: 0 },
  });
  return {
    invoke: (FunctionName: string, payload: unknown, abortSignal: AbortSignal) =>
      client.send(
        new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(payload)) }),
        { abortSignal },
      ),
  };
}
