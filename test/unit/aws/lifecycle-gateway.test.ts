import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lifecycleGateway } from "../../../lib/aws/lifecycle-gateway.ts";
import { autoScalingCalls } from "../../../lib/aws/clients/auto-scaling.ts";
import { DeniedError, ThrottledError } from "../../../lib/model/errors.ts";
import type { LifecycleHook } from "../../../lib/model/trigger.ts";
import {
  environmentOfAutoScalingDouble,
  startAutoScalingDouble,
  type AutoScalingDouble,
} from "../../fakes/auto-scaling-double.ts";

const signal = new AbortController().signal;
const hook = {
  transition: "launch",
  autoScalingGroup: "workers",
  hook: "hostendpoint-reconciler-launch",
  token: "71514b9d-6a40-4b26-8523-05e7ee35fa40",
  instanceId: "i-0a1b2c3d4e5f60001",
} as const satisfies LifecycleHook;
const waiting = {
  autoScalingGroup: "workers",
  hook: hook.hook,
  instanceId: hook.instanceId,
  token: hook.token,
};
const options = {
  region: "eu-west-1",
  credentials: async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }),
};

let autoScaling: AutoScalingDouble;
beforeEach(async () => {
  autoScaling = await startAutoScalingDouble();
  Object.assign(process.env, environmentOfAutoScalingDouble(autoScaling));
});
afterEach(async () => {
  delete process.env["AWS_ENDPOINT_URL_AUTO_SCALING"];
  await autoScaling.stop();
});

describe("lifecycleGateway", () => {
  test("answers a hook once; the second answer finds nobody waiting, and that is fine", async () => {
    autoScaling.open(waiting);
    const gateway = lifecycleGateway(async () => autoScalingCalls(options));
    expect(await gateway.heartbeat(hook, signal)).toBe("extended");
    expect(await gateway.complete(hook, "CONTINUE", signal)).toBe("completed");
    expect(await gateway.complete(hook, "CONTINUE", signal)).toBe("no-active-action");
    expect(await gateway.heartbeat(hook, signal)).toBe("no-active-action");
    expect(autoScaling.granted).toEqual([
      { call: "heartbeat", action: waiting },
      { call: "complete", action: waiting, result: "CONTINUE" },
    ]);
  });

  test.each([
    "No active Lifecycle Action found with instance ID i-0a1b2c3d4e5f60001",
    "AutoScalingGroup name not found - AutoScalingGroup workers not found",
    "No Lifecycle Hook found with name hostendpoint-reconciler-launch",
    "The instance i-0a1b2c3d4e5f60001 is not in a wait state",
    "a sentence that AWS has not thought of yet",
  ])("what is gone needs no answer, whatever AWS calls it: %s", async (sentence) => {
    const gateway = lifecycleGateway(async () => autoScalingCalls(options));
    autoScaling.refuse({ sentence }, 2);
    expect(await gateway.complete(hook, "CONTINUE", signal)).toBe("no-active-action");
    expect(await gateway.heartbeat(hook, signal)).toBe("no-active-action");
  });

  test("a hook without a token is answered by its instance", async () => {
    autoScaling.open(waiting);
    const { token: _token, ...found } = hook;
    const gateway = lifecycleGateway(async () => autoScalingCalls(options));
    expect(await gateway.complete(found, "CONTINUE", signal)).toBe("completed");
    expect(autoScaling.isWaiting(hook.token)).toBe(false);
  });

  test("comes back after a short throttling", async () => {
    autoScaling.open(waiting);
    autoScaling.refuse("throttled", 2);
    expect(
      await lifecycleGateway(async () => autoScalingCalls(options)).complete(hook, "CONTINUE", signal),
    ).toBe("completed");
  });

  test.each([
    ["throttled", ThrottledError],
    ["contended", ThrottledError],
    ["denied", DeniedError],
  ] as const)("%s for good is an error of ours", async (refusal, kind) => {
    autoScaling.open(waiting);
    autoScaling.refuse(refusal, 10);
    const error = await lifecycleGateway(async () => autoScalingCalls(options))
      .complete(hook, "CONTINUE", signal)
      .catch((it: unknown) => it);
    expect(error).toBeInstanceOf(kind);
    expect(autoScaling.isWaiting(hook.token)).toBe(true);
  });

  test("finds the machines that wait, in named groups and in those that EKS has tagged with the cluster", async () => {
    autoScaling.group({ name: "workers", instances: { "i-0a": "Pending:Wait", "i-0b": "InService" } });
    autoScaling.group({ name: "eks-blue", cluster: "prod", instances: { "i-0c": "Terminating:Wait" } });
    autoScaling.group({ name: "eks-other", cluster: "staging", instances: { "i-0d": "Pending:Wait" } });
    const gateway = lifecycleGateway(async () => autoScalingCalls(options));
    const groups = { cluster: "prod", named: ["workers", "gone"], managed: true };
    expect(await gateway.waiting(groups, signal)).toEqual([
      { autoScalingGroup: "eks-blue", instanceId: "i-0c", transition: "terminate" },
      { autoScalingGroup: "workers", instanceId: "i-0a", transition: "launch" },
    ]);
  });
});
