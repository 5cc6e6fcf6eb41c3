/** Only what is named here gets into the bundle; the client is made at the first use. */
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DeleteLifecycleHookCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  DescribeWarmPoolCommand,
  PutLifecycleHookCommand,
  RecordLifecycleActionHeartbeatCommand,
  type CompleteLifecycleActionCommandInput,
  type DescribeAutoScalingGroupsCommandInput,
  type PutLifecycleHookCommandInput,
  type RecordLifecycleActionHeartbeatCommandInput,
} from "@aws-sdk/client-auto-scaling";
import { clientOptions, type AwsOptions } from "../client-options.ts";

export function autoScalingCalls(options: AwsOptions) {
  const client = new AutoScalingClient(clientOptions(options));
  return {
    completeLifecycleAction: (input: CompleteLifecycleActionCommandInput, abortSignal: AbortSignal) =>
      client.send(new CompleteLifecycleActionCommand(input), { abortSignal }),
    recordHeartbeat: (input: RecordLifecycleActionHeartbeatCommandInput, abortSignal: AbortSignal) =>
      client.send(new RecordLifecycleActionHeartbeatCommand(input), { abortSignal }),
    describeLifecycleHooks: (autoScalingGroup: string, abortSignal: AbortSignal) =>
      client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: autoScalingGroup }), {
        abortSignal,
      }),
    describeGroups: (input: DescribeAutoScalingGroupsCommandInput, abortSignal: AbortSignal) =>
      client.send(new DescribeAutoScalingGroupsCommand(input), { abortSignal }),
    describeWarmPool: (
      AutoScalingGroupName: string,
      NextToken: string | undefined,
      abortSignal: AbortSignal,
    ) =>
      client.send(
        new DescribeWarmPoolCommand({
          AutoScalingGroupName,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
        { abortSignal },
      ),
    deleteLifecycleHook: (
      AutoScalingGroupName: string,
      LifecycleHookName: string,
      abortSignal: AbortSignal,
    ) =>
      client.send(new DeleteLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName }), {
        abortSignal,
      }),
    putLifecycleHook: (input: PutLifecycleHookCommandInput, abortSignal: AbortSignal) =>
      client.send(new PutLifecycleHookCommand(input), { abortSignal }),
  };
}
export type AutoScalingCalls = ReturnType<typeof autoScalingCalls>;
