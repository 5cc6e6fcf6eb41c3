/**
 * Is everything there that `npm run deploy` has made, and does it hang together: the function's way into the cluster, the way
 * of an event from its rule to the function, the hooks, the mark of the break-glass? Pure; asked only when the cluster is one
 * of EKS. What the asker may not read is no fault of the installation: it is said, with the IAM action, and counts as nothing.
 */
import { wantedHooks } from "../../lifecycle/wanted-hooks.ts";
import type { KeptHook } from "../../ports/aws.ts";
import type { Finding } from "../../model/finding.ts";
import type {
  AccessEntryFact,
  Deployed,
  GroupHooks,
  HookFact,
  InstallationFacts,
  Reading,
} from "../../model/installation.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../names/names.ts";
import type { DoctorFacts } from "../facts.ts";
import { checkEventPath } from "./event-path.ts";

export function installationCheck({
  settings,
  installation,
}: Pick<DoctorFacts, "settings" | "installation">): readonly Finding[] {
  if (installation === undefined) return [];
  const { deployed } = installation;
  if (deployed === undefined) return [notDeployed(installation)];
  const readings = readingsOf(deployed);
  return [
    ...unreadable(installation, readings),
    ...checkAccess(installation, deployed),
    ...checkEventPath(installation, deployed, settings),
    ...deployed.hooks.flatMap((it) => checkGroup(installation, it, wantedHooks(settings))),
    ...checkMark(installation, deployed),
  ];
}

function notDeployed({ cluster, region, functionName }: InstallationFacts): Finding {
  return {
    severity: "info",
    code: "not-deployed",
    object: `Function/${functionName}`,
    message: `not deployed from here: there is no function of this name in this account and ${region}`,
    fix: `npm run deploy -- ${cluster}`,
  };
}

/** Every answer that could be a refusal. With `CONFIG_MAP`, EKS refuses to speak of access entries at all: that has a finding of its own. */
function readingsOf(deployed: Deployed): readonly Reading<unknown>[] {
  const { authenticationMode, accessEntry, eventSource, queue, rules, mark } = deployed;
  const entry = isConfigMap(authenticationMode) ? undefined : accessEntry;
  const hooks = deployed.hooks.map((it) => it.hooks);
  return [
    deployed.function,
    authenticationMode,
    entry,
    eventSource,
    queue?.attributes,
    queue?.deadLetters,
    rules,
    mark,
    deployed.managedGroups,
    ...hooks,
  ].filter((it) => it !== undefined);
}

function unreadable(
  { functionName }: InstallationFacts,
  readings: readonly Reading<unknown>[],
): readonly Finding[] {
  const actions = new Set(readings.flatMap((it) => (it.kind === "denied" ? [it.action] : [])));
  const reasons = new Set(readings.flatMap((it) => (it.kind === "failed" ? [it.because] : [])));
  const object = `Function/${functionName}`;
  return [
    ...[...actions].map((action) => ({
      severity: "info" as const,
      code: "aws-permission-missing" as const,
      object,
      message: `these credentials may not ${action}, so this part of the installation was not looked at`,
      fix: `allow ${action} to whoever runs doctor; the function itself does not need it for that`,
    })),
    ...[...reasons].map((because) => ({
      severity: "warning" as const,
      code: "installation-unread" as const,
      object,
      message: `a part of the installation could not be read: ${because}`,
      fix: "",
    })),
  ];
}

function checkAccess(
  { cluster, region }: InstallationFacts,
  { authenticationMode, accessEntry, ...deployed }: Deployed,
): readonly Finding[] {
  if (isConfigMap(authenticationMode))
    return [
      {
        severity: "error",
        code: "authentication-mode",
        object: `Cluster/${cluster}`,
        message:
          "its authentication mode is CONFIG_MAP: access entries do not count, so the function gets 401",
        fix: `aws eks update-cluster-config --name ${cluster} --region ${region} --access-config authenticationMode=API_AND_CONFIG_MAP`,
      },
    ];
  if (accessEntry === undefined || deployed.function.kind !== "read") return [];
  const { roleArn } = deployed.function.value;
  const command = (verb: string) =>
    `aws eks ${verb}-access-entry --cluster-name ${cluster} --region ${region} --principal-arn ${roleArn} --kubernetes-groups ${KUBERNETES_GROUP} --username ${KUBERNETES_USER}`;
  const object = `AccessEntry/${roleArn}`;
  if (accessEntry.kind === "absent")
    return [
      {
        severity: "error",
        code: "access-entry-missing",
        object,
        message: "the function's role has no access entry in the cluster, so it gets 401",
        fix: command("create"),
      },
    ];
  return accessEntry.kind === "read" ? checkEntry(accessEntry.value, object, command("update")) : [];
}

function checkEntry({ groups, username }: AccessEntryFact, object: string, fix: string): readonly Finding[] {
  const has = groups.length === 0 ? "no group" : groups.join(", ");
  return [
    ...(groups.includes(KUBERNETES_GROUP)
      ? []
      : [
          {
            severity: "error" as const,
            code: "access-entry-group-missing" as const,
            object,
            message: `it gives ${has} and not ${KUBERNETES_GROUP}, to which our ClusterRole is bound: the function gets 403`,
            fix,
          },
        ]),
    ...(username === KUBERNETES_USER
      ? []
      : [
          {
            severity: "warning" as const,
            code: "access-entry-username" as const,
            object,
            message: `its user name is "${username}": audit logs do not name us as ${KUBERNETES_USER}`,
            fix,
          },
        ]),
  ];
}

function checkGroup(
  { cluster, region }: InstallationFacts,
  { group, keeper, hooks }: GroupHooks,
  wanted: readonly KeptHook[],
): readonly Finding[] {
  // EKS may have removed its own group since it named it.
  if (hooks.kind === "absent" && keeper === "stack")
    return [
      {
        severity: "error",
        code: "auto-scaling-group-missing",
        object: `AutoScalingGroup/${group}`,
        message: `the settings name it, and there is no such group in this account and ${region}`,
        fix: `correct \`autoScalingGroups\`, then npm run deploy -- ${cluster}`,
      },
    ];
  if (hooks.kind !== "read") return [];
  return wanted.flatMap((hook) =>
    checkHook({ cluster, region }, { group, keeper, hooks: hooks.value }, hook),
  );
}

function checkHook(
  { cluster, region }: Pick<InstallationFacts, "cluster" | "region">,
  { group, keeper, hooks }: Omit<GroupHooks, "hooks"> & { readonly hooks: readonly HookFact[] },
  wanted: KeptHook,
): readonly Finding[] {
  const object = `LifecycleHook/${group}/${wanted.name}`;
  const found = hooks.find((it) => it.name === wanted.name);
  const deploy =
    keeper === "stack"
      ? `npm run deploy -- ${cluster}`
      : "the next resync puts it right; its log says why when it does not";
  const byHand = putCommand(wanted, group, region);
  if (found === undefined)
    return [
      {
        severity: "error",
        code: "lifecycle-hook-missing",
        object,
        message: `the group has no such hook: a machine's ${wanted.transition} does not wait for us`,
        fix: `${deploy}; or, when somebody removed it by hand: ${byHand}`,
      },
    ];
  const differences = differencesOf(found, wanted);
  if (differences.length === 0) return [];
  return [
    {
      severity: "warning",
      code: "lifecycle-hook-differs",
      object,
      message: `not as the settings say: ${differences.join(", ")}`,
      fix: `${deploy}; or, when somebody changed it by hand: ${byHand}`,
    },
  ];
}

function differencesOf(found: HookFact, wanted: KeptHook): readonly string[] {
  const difference = (what: string, is: string | number, should: string | number) =>
    is === should ? [] : [`${what} is ${is} and should be ${should}`];
  return [
    ...difference("the heartbeat", found.heartbeatSeconds, wanted.heartbeatSeconds),
    ...difference("the default result", found.defaultResult, wanted.defaultResult),
    ...difference("the transition", found.transition, transitionOf(wanted)),
  ];
}

function putCommand(hook: KeptHook, group: string, region: string): string {
  return (
    `aws autoscaling put-lifecycle-hook --region ${region} --auto-scaling-group-name ${group} --lifecycle-hook-name ${hook.name} ` +
    `--lifecycle-transition ${transitionOf(hook)} --heartbeat-timeout ${hook.heartbeatSeconds} --default-result ${hook.defaultResult}`
  );
}

function transitionOf({ transition }: KeptHook): string {
  return transition === "launch"
    ? "autoscaling:EC2_INSTANCE_LAUNCHING"
    : "autoscaling:EC2_INSTANCE_TERMINATING";
}

function checkMark(
  { cluster, region, functionName }: InstallationFacts,
  { mark }: Deployed,
): readonly Finding[] {
  if (mark.kind !== "read" || mark.value === "armed") return [];
  const release = functionName.replace(/-reconcile$/, "-release");
  return [
    {
      severity: "warning",
      code: "installation-released",
      object: `Function/${functionName}`,
      message:
        "somebody used the break-glass: nothing is reconciled, and new nodes stay unprotected, until it is armed again",
      fix: `hepctl invoke rearm --cluster ${cluster} --region ${region} --function ${release}`,
    },
  ];
}

function isConfigMap(mode: Reading<string>): boolean {
  return mode.kind === "read" && mode.value === "CONFIG_MAP";
}
