/** Only what is named here gets into the bundle; the client is made at the first use. */
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function ssmCalls(options: AwsOptions) {
  const client = new SSMClient(clientOptions(options));
  return {
    getParameter: (Name: string, abortSignal: AbortSignal) =>
      client.send(new GetParameterCommand({ Name }), { abortSignal }),
    putParameter: (Name: string, Value: string, abortSignal: AbortSignal) =>
      client.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }), { abortSignal }),
  };
}
