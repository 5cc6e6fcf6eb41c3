import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { lifecycleGateway } from "../../../lib/aws/lifecycle-gateway.ts";
import { managedNodeGroups, type WantedHook } from "../../../lib/aws/managed-node-groups.ts";
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
});

describe("managedNodeGroups", () => {
  const wanted: readonly WantedHook[] = [
    {
      name: "hostendpoint-reconciler-launch",
      transition: "launch",
      heartbeatSeconds: 300,
      defaultResult: "CONTINUE",
    },
    {
      name: "hostendpoint-reconciler-terminate",
      transition: "terminate",
      heartbeatSeconds: 300,
      defaultResult: "CONTINUE",
    },
  ];
  const eks = {
    listNodegroups: async (_cluster: string, nextToken: string | undefined) =>
      nextToken === undefined
        ? { nodegroups: ["blue"], nextToken: "more", $metadata: {} }
        : { nodegroups: ["green"], $metadata: {} },
    describeNodegroup: async (_cluster: string, name: string) => ({
      nodegroup: { resources: { autoScalingGroups: [{ name: `eks-${name}-0a1b` }] } },
      $metadata: {},
    }),
  };
  const groups = managedNodeGroups(
    "prod",
    async () => eks,
    async () => autoScalingCalls(options),
  );

  test("puts what is missing, and nothing the second time", async () => {
    expect((await groups.ensureHooks(wanted, signal)).put).toEqual([
      "eks-blue-0a1b/hostendpoint-reconciler-launch",
      "eks-blue-0a1b/hostendpoint-reconciler-terminate",
      "eks-green-0a1b/hostendpoint-reconciler-launch",
      "eks-green-0a1b/hostendpoint-reconciler-terminate",
    ]);
    expect(await groups.ensureHooks(wanted, signal)).toEqual({
      autoScalingGroups: ["eks-blue-0a1b", "eks-green-0a1b"],
      put: [],
      failures: [],
    });
  });

  test("follows the settings, and leaves EKS's own hooks alone", async () => {
    const foreign = await autoScalingCalls(options).putLifecycleHook(
      {
        AutoScalingGroupName: "eks-blue-0a1b",
        LifecycleHookName: "Terminate-LC-Hook",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: 1800,
        DefaultResult: "CONTINUE",
      },
      signal,
    );
    expect(foreign.$metadata.httpStatusCode).toBe(200);
    await groups.ensureHooks(wanted, signal);
    const closed = wanted.map((it) =>
      it.transition === "launch" ? { ...it, defaultResult: "ABANDON" as const } : it,
    );
    expect((await groups.ensureHooks(closed, signal)).put).toEqual([
      "eks-blue-0a1b/hostendpoint-reconciler-launch",
      "eks-green-0a1b/hostendpoint-reconciler-launch",
    ]);
    expect(autoScaling.hooks()).toContainEqual(
      expect.objectContaining({ name: "Terminate-LC-Hook", heartbeatTimeout: 1800 }),
    );
  });

  test("one group that refuses does not leave the other without", async () => {
    autoScaling.refuse("denied", 1);
    const outcome = await groups.ensureHooks(wanted, signal);
    expect(outcome.put).toHaveLength(2);
    expect(outcome.failures).toMatchObject([{ subject: "eks-blue-0a1b", error: expect.any(DeniedError) }]);
  });
});
