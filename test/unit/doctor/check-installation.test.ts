import { describe, expect, test } from "@jest/globals";
import { settingsSchema, type Settings } from "../../../lib/config/settings.ts";
import { installationCheck } from "../../../lib/doctor/checks/check-installation.ts";
import { diagnose } from "../../../lib/doctor/diagnose.ts";
import { wantedHooks } from "../../../lib/lifecycle/wanted-hooks.ts";
import type { Deployed, InstallationFacts, Reading, RuleFact } from "../../../lib/model/installation.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER, ROUTED_EVENTS, routedRules } from "../../../lib/names/names.ts";
import { systemClock } from "../../../lib/ports/clock.ts";

const group = "prod-workers";
const roleArn = "arn:aws:iam::111122223333:role/reconcile";
const settings = settingsSchema.parse({
  autoScalingGroups: [group],
  lifecycle: { managedNodeGroups: true, heartbeat: 120 },
});

const read = <T>(value: T): Reading<T> => ({ kind: "read", value });
const denied = (action: string): Reading<never> => ({ kind: "denied", action });
const absent: Reading<never> = { kind: "absent" };

const rules: readonly RuleFact[] = routedRules(settings).map((it) => ({
  name: `rule-${it}`,
  enabled: true,
  sources: [ROUTED_EVENTS[it].source],
  detailTypes: ROUTED_EVENTS[it].detailTypes,
  autoScalingGroups: it === "GroupLifecycle" ? [group] : [],
}));
const hooks = wantedHooks(settings).map(({ name, transition, heartbeatSeconds, defaultResult }) => ({
  name,
  transition: `autoscaling:EC2_INSTANCE_${transition === "launch" ? "LAUNCHING" : "TERMINATING"}`,
  heartbeatSeconds,
  defaultResult,
}));
const eventSource = { id: "uuid", queueArn: "arn:aws:sqs:eu-west-1:111122223333:events", state: "Enabled" };
const queue = {
  arn: eventSource.queueArn,
  attributes: read({ deadLetterArn: `${eventSource.queueArn}-dead` }),
  deadLetters: read({ url: "https://sqs/dead", messages: 0 }),
};
const deployed: Deployed = {
  function: read({ roleArn }),
  authenticationMode: read("API_AND_CONFIG_MAP"),
  accessEntry: read({ username: KUBERNETES_USER, groups: [KUBERNETES_GROUP] }),
  eventSource: read(eventSource),
  queue,
  rules: read(rules),
  managedGroups: read([]),
  hooks: [{ group, keeper: "stack", hooks: read(hooks) }],
  mark: read("armed"),
};
const facts = (more: Partial<Deployed> = {}): InstallationFacts => ({
  cluster: "prod",
  region: "eu-west-1",
  functionName: "hostendpoint-reconciler-prod-reconcile",
  deployed: { ...deployed, ...more },
});
const check = (more: Partial<Deployed>, of: Settings = settings) =>
  installationCheck({ settings: of, installation: facts(more) });

describe("the deployed installation", () => {
  test.each<[string, Partial<Deployed>, readonly string[]]>([
    ["all there", {}, []],
    ["an older cluster that says no mode", { authenticationMode: read("") }, []],
    ["no access entry", { accessEntry: absent }, ["error access-entry-missing"]],
    [
      "an entry of somebody else's making",
      { accessEntry: read({ username: roleArn, groups: ["viewers"] }) },
      ["error access-entry-group-missing", "warning access-entry-username"],
    ],
    [
      "access entries do not count: one finding, whatever EKS says of the entry",
      {
        authenticationMode: read("CONFIG_MAP"),
        accessEntry: { kind: "failed", because: "InvalidRequestException" },
      },
      ["error authentication-mode"],
    ],
    [
      "no queue wakes the function",
      { eventSource: absent, queue: undefined, rules: undefined },
      ["error event-source-missing"],
    ],
    [
      "the mapping is off",
      { eventSource: read({ ...eventSource, state: "Disabled" }) },
      ["error event-source-disabled"],
    ],
    [
      "the mapping is being turned off",
      { eventSource: read({ ...eventSource, state: "Disabling" }) },
      ["error event-source-disabled"],
    ],
    [
      "the queue is gone: its rules are not counted as well",
      { queue: { arn: queue.arn, attributes: absent, deadLetters: undefined }, rules: read([]) },
      ["error event-queue-missing"],
    ],
    [
      "no dead-letter queue",
      { queue: { ...queue, attributes: read({ deadLetterArn: undefined }), deadLetters: undefined } },
      ["error dead-letter-queue-missing"],
    ],
    [
      "its dead-letter queue is gone",
      { queue: { ...queue, deadLetters: absent } },
      ["error dead-letter-queue-missing"],
    ],
    [
      "evidence waits",
      { queue: { ...queue, deadLetters: read({ url: "u", messages: 3 }) } },
      ["warning dead-letters-waiting"],
    ],
    [
      "one rule is missing, though another has two of its detail types",
      { rules: read(rules.filter((it) => it.name !== "rule-NodeGroupLifecycle")) },
      ["error event-rule-missing"],
    ],
    [
      "one rule is off",
      { rules: read(rules.map((it) => ({ ...it, enabled: it.name !== "rule-Interruption" }))) },
      ["error event-rule-disabled"],
    ],
    [
      "the settings have a group that was not deployed",
      { rules: read(rules.map((it) => ({ ...it, autoScalingGroups: ["other"] }))) },
      ["error event-rule-outdated"],
    ],
    [
      "no such group",
      { hooks: [{ group, keeper: "stack", hooks: absent }] },
      ["error auto-scaling-group-missing"],
    ],
    [
      "no hook of ours",
      { hooks: [{ group, keeper: "stack", hooks: read([{ ...hooks[0]!, name: "cluster-autoscaler" }]) }] },
      ["error lifecycle-hook-missing", "error lifecycle-hook-missing"],
    ],
    [
      "a hook with other terms",
      {
        hooks: [
          { group, keeper: "stack", hooks: read(hooks.map((it) => ({ ...it, defaultResult: "ABANDON" }))) },
        ],
      },
      ["warning lifecycle-hook-differs", "warning lifecycle-hook-differs"],
    ],
    [
      "the resync has not put a hook on a managed node group",
      { hooks: [{ group: "eks-a", keeper: "resync", hooks: read(hooks.slice(1)) }] },
      ["error lifecycle-hook-missing"],
    ],
    [
      "EKS has removed a group of its own in between",
      { hooks: [{ group: "eks-a", keeper: "resync", hooks: absent }] },
      [],
    ],
    ["released", { mark: read("released") }, ["warning installation-released"]],
    [
      "what may not be read is said once for each action, and is no failure",
      {
        function: denied("lambda:GetFunctionConfiguration"),
        accessEntry: undefined,
        queue: {
          ...queue,
          attributes: denied("sqs:GetQueueAttributes"),
          deadLetters: denied("sqs:GetQueueAttributes"),
        },
        rules: denied("events:DescribeRule"),
        hooks: ["a", "b"].map((it) => ({
          group: it,
          keeper: "stack" as const,
          hooks: denied("autoscaling:DescribeLifecycleHooks"),
        })),
        managedGroups: denied("eks:ListNodegroups and eks:DescribeNodegroup"),
        mark: denied("ssm:GetParameter"),
      },
      Array.from({ length: 6 }, () => "info aws-permission-missing"),
    ],
    [
      "what AWS did not answer",
      { mark: { kind: "failed", because: "no answer from AWS" } },
      ["warning installation-unread"],
    ],
  ])("%s", (_what, more, expected) => {
    expect(check(more).map((it) => `${it.severity} ${it.code}`)).toEqual(expected);
  });

  test("nothing deployed is said once; by kubeconfig nothing is said", () => {
    const nothing = { ...facts(), deployed: undefined };
    expect(installationCheck({ settings, installation: nothing })).toMatchObject([
      { severity: "info", code: "not-deployed", fix: "npm run deploy -- prod" },
    ]);
    expect(installationCheck({ settings })).toEqual([]);
  });

  test("the settings decide what must be there", () => {
    const plain = settingsSchema.parse({});
    const few = rules.filter((it) => !it.name.endsWith("Lifecycle"));
    expect(check({ rules: read(few), hooks: [] }, plain)).toEqual([]);
    const strict = settingsSchema.parse({
      ...settings,
      lifecycle: { ...settings.lifecycle, launch: "abandon", heartbeat: 60 },
    });
    expect(check({}, strict).map((it) => it.message)).toEqual([
      "not as the settings say: the heartbeat is 120 and should be 60, the default result is CONTINUE and should be ABANDON",
      "not as the settings say: the heartbeat is 120 and should be 60",
    ]);
  });

  test("each fix is a command that can be pasted", () => {
    const fixOf = (more: Partial<Deployed>) => check(more)[0]?.fix;
    expect(fixOf({ accessEntry: absent })).toBe(
      `aws eks create-access-entry --cluster-name prod --region eu-west-1 --principal-arn ${roleArn} --kubernetes-groups ${KUBERNETES_GROUP} --username ${KUBERNETES_USER}`,
    );
    expect(fixOf({ mark: read("released") })).toBe(
      "hepctl invoke rearm --cluster prod --region eu-west-1 --function hostendpoint-reconciler-prod-release",
    );
    expect(fixOf({ hooks: [{ group: "eks-a", keeper: "resync", hooks: read([]) }] })).toMatch(
      /^the next resync/,
    );
    expect(fixOf({ hooks: [{ group, keeper: "stack", hooks: read([]) }] })).toMatch(
      /put-lifecycle-hook .*--auto-scaling-group-name prod-workers .*EC2_INSTANCE_LAUNCHING --heartbeat-timeout 120 --default-result CONTINUE$/,
    );
  });

  test("it is looked at also when the cluster cannot be reached from here", async () => {
    const untouched = new Proxy({}, { get: () => () => Promise.reject(new Error("asked of the cluster")) });
    const diagnosis = await diagnose(
      { server: "https://private", without: [], failure: { hop: "tcp", message: "no way" } },
      {
        settings,
        cluster: untouched as never,
        access: untouched as never,
        clock: systemClock,
        installation: { read: async () => facts({ mark: read("released") }) },
      },
      AbortSignal.timeout(1000),
    );
    expect(diagnosis.status).toBe("unreachable");
    expect(diagnosis.findings.map((it) => it.code)).toEqual(["tcp-failed", "installation-released"]);
  });
});
