/** Only what is named here gets into the bundle; the client is made at the first use. */
import {
  ChangeMessageVisibilityBatchCommand,
  SQSClient,
  type ChangeMessageVisibilityBatchCommandInput,
} from "@aws-sdk/client-sqs";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function sqsCalls(options: AwsOptions) {
  // The host comes from the region, as with every other service; of the queue's URL only the path counts.
  const client = new SQSClient({ ...clientOptions(options), useQueueUrlAsEndpoint: false });
  return {
    changeVisibility: (input: ChangeMessageVisibilityBatchCommandInput, abortSignal: AbortSignal) =>
      client.send(new ChangeMessageVisibilityBatchCommand(input), { abortSignal }),
  };
}
