import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { autoScalingCalls } from "../../../lib/aws/clients/auto-scaling.ts";
import { hookKeeper } from "../../../lib/aws/hook-keeper.ts";
import { DeniedError } from "../../../lib/model/errors.ts";
import type { KeptHook } from "../../../lib/ports/aws.ts";
import {
  environmentOfAutoScalingDouble,
  startAutoScalingDouble,
  type AutoScalingDouble,
} from "../../fakes/auto-scaling-double.ts";

const signal = new AbortController().signal;
const names = ["hostendpoint-reconciler-launch", "hostendpoint-reconciler-terminate"] as const;
const wanted: readonly KeptHook[] = [
  { name: names[0], transition: "launch", heartbeatSeconds: 300, defaultResult: "ABANDON" },
  { name: names[1], transition: "terminate", heartbeatSeconds: 300, defaultResult: "CONTINUE" },
];
const options = {
  region: "eu-west-1",
  credentials: async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" }),
};
const keeper = hookKeeper(
  { cluster: "prod", id: "hostendpoint-reconciler" },
  async () => autoScalingCalls(options),
  { now: () => 0, sleep: () => Promise.resolve() },
);

let autoScaling: AutoScalingDouble;
beforeEach(async () => {
  autoScaling = await startAutoScalingDouble();
  Object.assign(process.env, environmentOfAutoScalingDouble(autoScaling));
  autoScaling.group({ name: "eks-blue-0a1b", cluster: "prod", instances: {} });
  autoScaling.group({ name: "eks-green-0a1b", cluster: "prod", instances: {} });
  autoScaling.group({ name: "eks-other-0a1b", cluster: "staging", instances: {} });
});
afterEach(async () => {
  delete process.env["AWS_ENDPOINT_URL_AUTO_SCALING"];
  await autoScaling.stop();
});

describe("the hooks of managed node groups", () => {
  test("what is missing is put, on this cluster's groups only, and says whose it is; nothing the second time", async () => {
    expect((await keeper.keep(wanted, signal)).put).toEqual(
      ["eks-blue-0a1b", "eks-green-0a1b"].flatMap((group) => names.map((name) => `${group}/${name}`)),
    );
    expect(autoScaling.hooks().map((it) => it.metadata)).toEqual(
      Array.from({ length: 4 }, () => "hostendpoint-reconciler-prod"),
    );
    expect(await keeper.keep(wanted, signal)).toEqual({ put: [], removed: [], failures: [] });
  });

  test("they follow the settings, and EKS's own stay as they are", async () => {
    await autoScalingCalls(options).putLifecycleHook(
      {
        AutoScalingGroupName: "eks-blue-0a1b",
        LifecycleHookName: "Terminate-LC-Hook",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: 1800,
        DefaultResult: "CONTINUE",
      },
      signal,
    );
    await keeper.keep(wanted, signal);
    const open = wanted.map((it) => ({ ...it, defaultResult: "CONTINUE" as const }));
    expect((await keeper.keep(open, signal)).put).toEqual([
      "eks-blue-0a1b/hostendpoint-reconciler-launch",
      "eks-green-0a1b/hostendpoint-reconciler-launch",
    ]);
    await keeper.keep([], signal);
    expect(autoScaling.hooks()).toMatchObject([{ name: "Terminate-LC-Hook", heartbeatTimeout: 1800 }]);
  });

  test("one that is no longer wanted goes, after every machine that waits on it was let go", async () => {
    await keeper.keep(wanted, signal);
    const action = { autoScalingGroup: "eks-blue-0a1b", hook: names[0], instanceId: "i-0a", token: "t" };
    autoScaling.open(action);
    autoScaling.group({
      name: "eks-blue-0a1b",
      cluster: "prod",
      // i-0b waits for EKS's own hook: it goes on waiting.
      instances: { "i-0a": "Pending:Wait", "i-0b": "Pending:Wait" },
    });
    expect((await keeper.keep([], signal)).removed).toHaveLength(4);
    const calls = autoScaling.granted.slice(4);
    expect(calls[0]).toEqual({ call: "complete", action, result: "CONTINUE" });
    expect(calls.slice(1)).toEqual(
      [...names, ...names].map((name) => ({ call: "delete-hook", name, abandoned: [] })),
    );
  });

  test("one group that refuses leaves the other with its hooks", async () => {
    const calls = autoScalingCalls(options);
    let refusals = 1;
    const grudging = hookKeeper(
      { cluster: "prod", id: "hostendpoint-reconciler" },
      async () => ({
        ...calls,
        describeLifecycleHooks: (...args: Parameters<typeof calls.describeLifecycleHooks>) => {
          if (refusals-- > 0) autoScaling.refuse("denied", 1);
          return calls.describeLifecycleHooks(...args);
        },
      }),
      { now: () => 0, sleep: () => Promise.resolve() },
    );
    const outcome = await grudging.keep(wanted, signal);
    expect(outcome.put).toHaveLength(2);
    expect(outcome.failures).toMatchObject([{ subject: "eks-blue-0a1b", error: expect.any(DeniedError) }]);
  });
});
