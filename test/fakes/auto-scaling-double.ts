/**
 * An HTTP double of the part of the Auto Scaling Query API that answers lifecycle hooks, which neither LocalStack nor moto
 * has. It also says no, in AWS's words: no such action (any more), throttled, contended.
 *
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html and its neighbours.
 */
import type { IncomingMessage } from "node:http";
import { serveLoopback } from "./serve-loopback.ts";

/** An action that waits for its answer. */
export type WaitingAction = {
  readonly autoScalingGroup: string;
  readonly hook: string;
  readonly instanceId: string;
  readonly token: string;
};

export type DoubleHook = {
  readonly autoScalingGroup: string;
  readonly name: string;
  readonly transition: string;
  readonly heartbeatTimeout: number;
  readonly defaultResult: string;
  readonly metadata: string;
};

/** A group as DescribeAutoScalingGroups tells it; `cluster`: EKS's tag. */
export type DoubleGroup = {
  readonly name: string;
  readonly cluster?: string;
  /** Id -> life-cycle state. */
  readonly instances: Readonly<Record<string, string>>;
};

/** Something that was asked and granted, in order. */
export type GrantedCall =
  | { readonly call: "complete"; readonly action: WaitingAction; readonly result: string }
  | { readonly call: "heartbeat"; readonly action: WaitingAction }
  | { readonly call: "put-hook"; readonly hook: DoubleHook }
  /** `abandoned`: instances that waited on it, and die. */
  | { readonly call: "delete-hook"; readonly name: string; readonly abandoned: readonly string[] };

/** `sentence`: a ValidationError with this message. */
export type Refusal = "throttled" | "contended" | "denied" | { readonly sentence: string };

export type AutoScalingDouble = AsyncDisposable & {
  readonly url: string;
  /** From now on this action waits. */
  readonly open: (action: WaitingAction) => void;
  readonly isWaiting: (token: string) => boolean;
  readonly granted: readonly GrantedCall[];
  /** How often an answer came for an action that does not wait (any more). */
  readonly noActiveAction: () => number;
  /** Every call so far, refused ones too. */
  readonly calls: () => number;
  /** The next `times` calls are refused. */
  readonly refuse: (refusal: Refusal, times: number) => void;
  readonly hooks: () => readonly DoubleHook[];
  /** From now on there is this group. */
  readonly group: (group: DoubleGroup) => void;
  readonly stop: () => Promise<void>;
};

/** What the SDK's client needs in the environment to find it. */
export function environmentOfAutoScalingDouble(
  double: Pick<AutoScalingDouble, "url">,
): Readonly<Record<string, string>> {
  return { AWS_ENDPOINT_URL_AUTO_SCALING: double.url };
}

export async function startAutoScalingDouble(): Promise<AutoScalingDouble> {
  const waiting = new Map<string, WaitingAction>();
  const hooks = new Map<string, DoubleHook>();
  const groups = new Map<string, DoubleGroup>();
  const granted: GrantedCall[] = [];
  const refusals: Refusal[] = [];
  let noActiveAction = 0;
  let calls = 0;

  function answer(form: URLSearchParams): Answer {
    calls += 1;
    const refusal = refusals.shift();
    if (refusal !== undefined)
      return typeof refusal === "string"
        ? refusalAnswers[refusal]
        : failure(400, "ValidationError", refusal.sentence);
    const action = form.get("Action") ?? "";
    switch (action) {
      case "CompleteLifecycleAction":
      case "RecordLifecycleActionHeartbeat":
        return answerWaiting(action, form);
      case "PutLifecycleHook": {
        const hook = readHook(form);
        hooks.set(`${hook.autoScalingGroup}/${hook.name}`, hook);
        granted.push({ call: "put-hook", hook });
        return success(action, "");
      }
      case "DescribeLifecycleHooks": {
        const group = form.get("AutoScalingGroupName");
        const members = [...hooks.values()].filter((it) => it.autoScalingGroup === group).map(hookXml);
        return success(action, `<LifecycleHooks>${members.join("")}</LifecycleHooks>`);
      }
      case "DescribeAutoScalingGroups": {
        const isMeant = (it: DoubleGroup) =>
          form.has("Filters.member.1.Name")
            ? form.get("Filters.member.1.Name") === "tag:eks:cluster-name" &&
              form.get("Filters.member.1.Values.member.1") === it.cluster
            : [...form].some(
                ([key, value]) => key.startsWith("AutoScalingGroupNames.member.") && value === it.name,
              );
        const members = [...groups.values()].filter(isMeant).map(groupXml);
        return success(action, `<AutoScalingGroups>${members.join("")}</AutoScalingGroups>`);
      }
      case "DeleteLifecycleHook": {
        const [group, name] = [form.get("AutoScalingGroupName"), form.get("LifecycleHookName") ?? ""];
        if (!hooks.delete(`${group}/${name}`))
          return failure(400, "ValidationError", `No Lifecycle Hook found with name ${name}`);
        const left = [...waiting.values()].filter((it) => it.autoScalingGroup === group && it.hook === name);
        for (const it of left) waiting.delete(it.token);
        granted.push({ call: "delete-hook", name, abandoned: left.map((it) => it.instanceId) });
        return success(action, "");
      }
      default:
        return failure(400, "InvalidAction", `The action ${action} is not valid for this web service.`);
    }
  }

  function answerWaiting(call: string, form: URLSearchParams): Answer {
    const action = [...waiting.values()].find((it) => isMeant(it, form));
    if (action === undefined) {
      noActiveAction += 1;
      const token = form.get("LifecycleActionToken");
      const named = token === null ? `instance ID ${form.get("InstanceId")}` : `token ${token}`;
      return failure(400, "ValidationError", `No active Lifecycle Action found with ${named}`);
    }
    if (call === "RecordLifecycleActionHeartbeat") granted.push({ call: "heartbeat", action });
    else {
      const result = form.get("LifecycleActionResult") ?? "";
      if (result !== "CONTINUE" && result !== "ABANDON")
        return failure(400, "ValidationError", "LifecycleActionResult must be CONTINUE or ABANDON");
      waiting.delete(action.token);
      const group = groups.get(action.autoScalingGroup);
      if (group !== undefined)
        groups.set(group.name, {
          ...group,
          instances: { ...group.instances, [action.instanceId]: "InService" },
        });
      granted.push({ call: "complete", action, result });
    }
    return success(call, "");
  }

  const { url, stop } = await serveLoopback((request, response) => {
    void readForm(request).then((form) => {
      const { status, body } = answer(form);
      response.writeHead(status, { "content-type": "text/xml" });
      response.end(body);
    });
  });
  return {
    url,
    open: (action) => waiting.set(action.token, action),
    isWaiting: (token) => waiting.has(token),
    granted,
    noActiveAction: () => noActiveAction,
    calls: () => calls,
    refuse: (refusal, times) => refusals.push(...Array.from({ length: times }, () => refusal)),
    hooks: () => [...hooks.values()],
    group: (group) => groups.set(group.name, group),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

type Answer = { readonly status: number; readonly body: string };

const refusalAnswers: Readonly<Record<Extract<Refusal, string>, Answer>> = {
  throttled: failure(400, "Throttling", "Rate exceeded"),
  contended: failure(
    500,
    "ResourceContention",
    "You already have a pending update to an Amazon EC2 Auto Scaling resource",
  ),
  denied: failure(
    403,
    "AccessDenied",
    "User is not authorized to perform: autoscaling:CompleteLifecycleAction",
  ),
};

/** By token when there is one, by instance otherwise; group and hook must fit in either case. */
function isMeant(action: WaitingAction, form: URLSearchParams): boolean {
  if (form.get("AutoScalingGroupName") !== action.autoScalingGroup) return false;
  if (form.get("LifecycleHookName") !== action.hook) return false;
  const token = form.get("LifecycleActionToken");
  return token === null ? form.get("InstanceId") === action.instanceId : token === action.token;
}

function readHook(form: URLSearchParams): DoubleHook {
  return {
    autoScalingGroup: form.get("AutoScalingGroupName") ?? "",
    name: form.get("LifecycleHookName") ?? "",
    transition: form.get("LifecycleTransition") ?? "",
    heartbeatTimeout: Number(form.get("HeartbeatTimeout") ?? 3600),
    defaultResult: form.get("DefaultResult") ?? "ABANDON",
    metadata: form.get("NotificationMetadata") ?? "",
  };
}

function hookXml(hook: DoubleHook): string {
  const { autoScalingGroup, name, transition, heartbeatTimeout, defaultResult, metadata } = hook;
  return (
    `<member><AutoScalingGroupName>${autoScalingGroup}</AutoScalingGroupName>` +
    `<LifecycleHookName>${name}</LifecycleHookName><LifecycleTransition>${transition}</LifecycleTransition>` +
    `<HeartbeatTimeout>${heartbeatTimeout}</HeartbeatTimeout><DefaultResult>${defaultResult}</DefaultResult>` +
    (metadata === "" ? "" : `<NotificationMetadata>${metadata}</NotificationMetadata>`) +
    `<GlobalTimeout>172800</GlobalTimeout></member>`
  );
}

function groupXml({ name, cluster, instances }: DoubleGroup): string {
  const members = Object.entries(instances).map(
    ([id, state]) =>
      `<member><InstanceId>${id}</InstanceId><LifecycleState>${state}</LifecycleState></member>`,
  );
  const tags =
    cluster === undefined
      ? ""
      : `<Tags><member><Key>eks:cluster-name</Key><Value>${cluster}</Value></member></Tags>`;
  return `<member><AutoScalingGroupName>${name}</AutoScalingGroupName><Instances>${members.join("")}</Instances>${tags}</member>`;
}

function success(action: string, result: string): Answer {
  const namespace = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
  return {
    status: 200,
    body: `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
  };
}

function failure(status: number, code: string, message: string): Answer {
  const type = status < 500 ? "Sender" : "Receiver";
  return {
    status,
    body: `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
