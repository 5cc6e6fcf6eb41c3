import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { settingsSchema } from "../../../lib/config/settings.ts";
import { decideCompletion } from "../../../lib/lifecycle/decide-completion.ts";
import {
  decideDisposition,
  WAITING_DELIVERIES,
  type RecordOutcome,
} from "../../../lib/lifecycle/decide-disposition.ts";
import { instanceStatusOf, type InstanceStatus } from "../../../lib/lifecycle/instance-status.ts";
import type { LifecycleHook } from "../../../lib/model/trigger.ts";
import type { ResolvedInstance } from "../../../lib/model/snapshot.ts";

const statuses = [
  "converged",
  "waiting",
  "withheld",
  "not-its-turn",
  "failed",
  "unfit",
  "gone",
  "other-cluster",
  "not-ours",
  "unknown",
] as const satisfies readonly InstanceStatus[];

const failOpen = settingsSchema.parse({ autoScalingGroups: ["workers"] });
const failClosed = settingsSchema.parse({ autoScalingGroups: ["workers"], lifecycle: { launch: "abandon" } });

function aHook(transition: LifecycleHook["transition"], changes: Partial<LifecycleHook> = {}): LifecycleHook {
  const hook = `hostendpoint-reconciler-${transition}`;
  return { transition, autoScalingGroup: "workers", hook, token: "t", instanceId: "i-0a", ...changes };
}

function answer(
  transition: LifecycleHook["transition"],
  status: InstanceStatus,
  settings = failOpen,
): string {
  const decided = decideCompletion(aHook(transition), status, settings);
  if (decided.kind === "complete") return decided.result;
  if (decided.kind === "hold") return decided.heartbeat ? "hold+heartbeat" : "hold";
  return "-";
}

function record(status: InstanceStatus, deliveries = 1): string {
  return decideDisposition({ kind: "instance", status }, deliveries).kind;
}

describe("the table of the design, section 4", () => {
  test.each([
    // status,        launch open,      launch closed,    terminate,  record
    ["converged", "CONTINUE", "CONTINUE", "CONTINUE", "acknowledge"],
    ["waiting", "hold+heartbeat", "hold+heartbeat", "CONTINUE", "retry"],
    ["withheld", "CONTINUE", "hold+heartbeat", "CONTINUE", "acknowledge"],
    ["not-its-turn", "CONTINUE", "CONTINUE", "CONTINUE", "acknowledge"],
    ["failed", "hold+heartbeat", "hold+heartbeat", "hold", "retry"],
    ["unfit", "CONTINUE", "CONTINUE", "CONTINUE", "acknowledge"],
    ["gone", "CONTINUE", "CONTINUE", "CONTINUE", "acknowledge"],
    ["other-cluster", "-", "-", "-", "acknowledge"],
    ["not-ours", "-", "-", "-", "acknowledge"],
    ["unknown", "hold+heartbeat", "hold+heartbeat", "CONTINUE", "acknowledge"],
  ] as const)("%s", (status, open, closed, terminate, disposition) => {
    expect([
      answer("launch", status),
      answer("launch", status, failClosed),
      answer("terminate", status),
      record(status),
    ]).toEqual([open, closed, terminate, disposition]);
  });

  test.each([
    [{ kind: "ignored", reason: "unknown-source" }, "acknowledge"],
    [{ kind: "released" }, "acknowledge"],
    [{ kind: "malformed" }, "retry"],
    [{ kind: "snapshot-threw" }, "retry"],
    [{ kind: "answer-failed" }, "retry"],
    [{ kind: "run", status: "failed" }, "retry"],
    [{ kind: "run", status: "partial" }, "acknowledge"],
    [{ kind: "run", status: "converged" }, "acknowledge"],
  ] as const satisfies readonly (readonly [RecordOutcome, string])[])("%o", (outcome, disposition) => {
    expect(decideDisposition(outcome, 1).kind).toBe(disposition);
  });
});

describe("hooks", () => {
  const anyStatus = fc.constantFrom(...statuses);
  const anySettings = fc.constantFrom(failOpen, failClosed);

  test("a hook that is not ours never gets an answer", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom("Terminate-LC-Hook", "Launch-LC-Hook", "other-launch"), fc.string()),
        fc.constantFrom("launch" as const, "terminate" as const),
        anyStatus,
        anySettings,
        (name, transition, status, settings) => {
          fc.pre(name !== `hostendpoint-reconciler-${transition}`);
          expect(decideCompletion(aHook(transition, { hook: name }), status, settings)).toEqual({
            kind: "leave",
            reason: "foreign-hook",
          });
        },
      ),
    );
  });

  test("our name on the other transition is not ours either", () => {
    const swapped = aHook("launch", { hook: "hostendpoint-reconciler-terminate" });
    expect(decideCompletion(swapped, "converged", failOpen).kind).toBe("leave");
  });

  test("a terminate hook is never asked for more time", () => {
    fc.assert(
      fc.property(anyStatus, anySettings, (status, settings) => {
        const decided = decideCompletion(aHook("terminate"), status, settings);
        expect(decided.kind === "hold" && decided.heartbeat).toBe(false);
      }),
    );
  });

  test("a move into a warm pool is let through whatever the status", () => {
    for (const transition of ["launch", "terminate"] as const)
      expect(decideCompletion(aHook(transition, { destination: "WarmPool" }), "waiting", failClosed)).toEqual(
        {
          kind: "complete",
          result: "CONTINUE",
          reason: "warm-pool",
        },
      );
  });

  test("an unknown instance of a group that the settings do not name is nobody's business here", () => {
    const foreign = aHook("launch", { autoScalingGroup: "others" });
    expect(decideCompletion(foreign, "unknown", failOpen)).toEqual({
      kind: "leave",
      reason: "unknown-instance",
    });
  });

  test("in observe no machine is held, and the hooks of others stay untouched", () => {
    const observe = settingsSchema.parse({
      stage: "observe",
      autoScalingGroups: ["workers"],
      lifecycle: { launch: "abandon" },
    });
    for (const transition of ["launch", "terminate"] as const)
      for (const status of statuses) {
        const isOthers = status === "other-cluster" || status === "not-ours";
        expect(decideCompletion(aHook(transition), status, observe).kind).toBe(
          isOthers ? "leave" : "complete",
        );
      }
  });

  test("what its hook says of its installation decides, whatever the machine's group", () => {
    const settings = {
      ...failOpen,
      cluster: { name: "prod", region: "eu-west-1", account: "111122223333" },
    };
    const ours = aHook("launch", { metadata: "hostendpoint-reconciler-prod", autoScalingGroup: "others" });
    expect(decideCompletion(ours, "unknown", settings).kind).toBe("hold");
    const others = aHook("launch", { metadata: "hostendpoint-reconciler-staging" });
    expect(decideCompletion(others, "converged", settings)).toEqual({
      kind: "leave",
      reason: "other-installation",
    });
  });

  test("a managed group's machine that EC2 does not know yet is held like a named group's, until its tags speak", () => {
    const managed = settingsSchema.parse({ lifecycle: { managedNodeGroups: true } });
    const hook = aHook("launch", { autoScalingGroup: "eks-prod-ng-0ac1" });
    const completion = decideCompletion(hook, "unknown", managed);
    expect(completion).toEqual({ kind: "hold", heartbeat: false, reason: "unknown-instance" });
    expect(decideDisposition({ kind: "instance", status: "unknown", completion }, 1).kind).toBe("retry");
    expect(decideCompletion(hook, "unknown", failOpen).kind).toBe("leave");
    expect(decideCompletion(hook, "not-ours", managed).kind).toBe("leave");
  });

  test("fail closed never lets an unprotected machine into service", () => {
    for (const status of ["waiting", "withheld", "failed", "unknown"] as const)
      expect(decideCompletion(aHook("launch"), status, failClosed).kind).toBe("hold");
  });
});

describe("records", () => {
  test("waiting ends with the resync, broken records end in the dead letters", () => {
    expect(record("waiting", WAITING_DELIVERIES - 1)).toBe("retry");
    expect(decideDisposition({ kind: "instance", status: "waiting" }, WAITING_DELIVERIES)).toEqual({
      kind: "acknowledge",
      reason: "left-to-resync",
    });
    expect(record("failed", 1000)).toBe("retry");
    expect(decideDisposition({ kind: "malformed" }, 1000).kind).toBe("retry");
  });

  test("a held hook of an unknown instance keeps its record", () => {
    const completion = decideCompletion(aHook("launch"), "unknown", failOpen);
    expect(decideDisposition({ kind: "instance", status: "unknown", completion }, 1).kind).toBe("retry");
  });

  test("delays grow to a minute and no further: a Node that registers late is protected within a minute", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((deliveries) => {
      const decided = decideDisposition({ kind: "instance", status: "waiting" }, deliveries);
      return decided.kind === "retry" ? decided.delaySeconds : 0;
    });
    expect(delays).toEqual([15, 15, 30, 30, 60, 60, 60, 60]);
  });
});

describe("instanceStatusOf", () => {
  test.each([
    ["observe-stage", "not-its-turn"],
    ["canary-wait", "not-its-turn"],
    ["canary-rolled-back", "not-its-turn"],
    ["essential-flow-cut", "withheld"],
    ["essential-flow-unknown", "withheld"],
  ] as const)("withheld because of %s: %s", (reason, status) => {
    const nodes = [{ node: "a", status: "withheld" as const, reason, detail: "" }];
    const resolved = [{ instanceId: "i-0a", kind: "registered" as const, node: "a" }];
    expect(instanceStatusOf("i-0a", resolved, { nodes })).toBe(status);
  });

  const report = {
    nodes: [{ node: "a", status: "withheld" as const, reason: "no-addresses" as const, detail: "d" }],
  };
  test.each([
    [{ instanceId: "i-0a", kind: "registered", node: "a" }, "withheld"],
    [{ instanceId: "i-0a", kind: "registered", node: "b" }, "failed"],
    [{ instanceId: "i-0a", kind: "not-registered" }, "waiting"],
    [{ instanceId: "i-0a", kind: "gone" }, "gone"],
    [{ instanceId: "i-0a", kind: "other-cluster" }, "other-cluster"],
    [{ instanceId: "i-0a", kind: "unknown" }, "unknown"],
    [{ instanceId: "i-0b", kind: "gone" }, "failed"],
  ] as const satisfies readonly (readonly [ResolvedInstance, InstanceStatus])[])("%o", (resolved, status) => {
    expect(instanceStatusOf("i-0a", [resolved], report)).toBe(status);
  });
});
