/**
 * `hepctl doctor --cluster` on what is deployed: a real process, the real SDK, AWS as a loopback double. The cluster's
 * endpoint lets nobody in, as a private one does from a laptop: what AWS says must come all the same.
 */
import { expect, test } from "@jest/globals";
import { KUBERNETES_GROUP, KUBERNETES_USER, ROUTED_EVENTS } from "../../../lib/names/names.ts";
import { startInstallationDouble, type Answers } from "../../fakes/installation-double.ts";
import { createTestCertificates } from "../../fakes/test-certificates.ts";
import { runHepctl, settingsFile } from "./run-hepctl.ts";

const queueArn = "arn:aws:sqs:eu-west-1:111122223333:events";
const deadLetterArn = "arn:aws:sqs:eu-west-1:111122223333:events-dead";
const rules = ["GroupLifecycle", "NodeGroupLifecycle", "InstanceState", "Interruption", "Health"] as const;

const hook = (name: string, transition: string) =>
  `<member><LifecycleHookName>hostendpoint-reconciler-${name}</LifecycleHookName><LifecycleTransition>autoscaling:EC2_INSTANCE_${transition}</LifecycleTransition><HeartbeatTimeout>300</HeartbeatTimeout><DefaultResult>CONTINUE</DefaultResult></member>`;

const whole: Answers = {
  "EKS DescribeCluster": {
    cluster: {
      name: "prod",
      status: "ACTIVE",
      endpoint: "https://127.0.0.1:1",
      certificateAuthority: {
        data: Buffer.from(createTestCertificates().ca.certificate).toString("base64"),
      },
      accessConfig: { authenticationMode: "API" },
    },
  },
  "EKS ListNodegroups": { nodegroups: ["a"] },
  "EKS DescribeNodegroup": { nodegroup: { resources: { autoScalingGroups: [{ name: "eks-a-1" }] } } },
  "EKS DescribeAccessEntry": {
    accessEntry: { username: KUBERNETES_USER, kubernetesGroups: [KUBERNETES_GROUP] },
  },
  "Lambda GetFunctionConfiguration": { Role: "arn:aws:iam::111122223333:role/path/reconcile" },
  "Lambda ListEventSourceMappings": {
    EventSourceMappings: [{ UUID: "mapping-1", EventSourceArn: queueArn, State: "Enabled" }],
  },
  "AWSEvents ListRuleNamesByTarget": { RuleNames: rules },
  "AWSEvents DescribeRule": (body) => {
    const { Name } = JSON.parse(body) as { readonly Name: (typeof rules)[number] };
    const { source, detailTypes } = ROUTED_EVENTS[Name];
    const pattern = {
      source: [source],
      "detail-type": detailTypes,
      detail: { AutoScalingGroupName: ["prod-workers"], state: [{ "equals-ignore-case": "running" }] },
    };
    return { Name, State: "ENABLED", EventPattern: JSON.stringify(pattern) };
  },
  "AmazonSQS GetQueueAttributes": (body) => ({
    Attributes: body.includes("RedrivePolicy")
      ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount: 10 }) }
      : { ApproximateNumberOfMessages: "0" },
  }),
  "AmazonSSM GetParameter": { Parameter: { Value: "armed" } },
  "AutoScaling DescribeLifecycleHooks": `<DescribeLifecycleHooksResponse><DescribeLifecycleHooksResult><LifecycleHooks>${hook("launch", "LAUNCHING")}${hook("terminate", "TERMINATING")}</LifecycleHooks></DescribeLifecycleHooksResult></DescribeLifecycleHooksResponse>`,
};

async function doctor(answers: Answers, output: readonly string[] = ["-o", "json"]) {
  await using aws = await startInstallationDouble({ ...whole, ...answers });
  const config = await settingsFile(
    "autoScalingGroups: [prod-workers]\nlifecycle: {managedNodeGroups: true}\n",
  );
  const place = ["--cluster", "prod", "--region", "eu-west-1", "--config", config];
  const { stdout, stderr } = await runHepctl(["doctor", ...place, ...output], {
    environment: aws.environment,
  });
  expect(stderr).toBe("");
  return { stdout, asked: aws.asked() };
}

async function findingsOf(answers: Answers): Promise<readonly string[]> {
  const { findings } = JSON.parse((await doctor(answers)).stdout) as {
    readonly findings: readonly {
      readonly severity: string;
      readonly code: string;
      readonly object: string;
    }[];
  };
  const [way, ...others] = findings;
  expect(way?.code).toBe("tcp-failed");
  return others.map((it) => `${it.severity} ${it.code} ${it.object}`);
}

test("all that was deployed is there: nothing to say beyond the way in", async () => {
  expect(await findingsOf({})).toEqual([]);
  expect((await doctor({})).asked).toEqual(Object.keys(whole).sort());
});

test("each missing piece is named, in JSON and for a person", async () => {
  const broken: Answers = {
    "EKS DescribeAccessEntry": { refusal: "ResourceNotFoundException", status: 404 },
    "AutoScaling DescribeLifecycleHooks": { refusal: "ValidationError", status: 400 },
    "AWSEvents ListRuleNamesByTarget": { RuleNames: rules.slice(0, 4) },
    "AmazonSQS GetQueueAttributes": (body) => ({
      Attributes: body.includes("RedrivePolicy")
        ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn }) }
        : { ApproximateNumberOfMessages: "3" },
    }),
    "AmazonSSM GetParameter": { Parameter: { Value: "released" } },
  };
  expect(await findingsOf(broken)).toEqual([
    "error access-entry-missing AccessEntry/arn:aws:iam::111122223333:role/path/reconcile",
    "error auto-scaling-group-missing AutoScalingGroup/prod-workers",
    "warning installation-released Function/hostendpoint-reconciler-prod-reconcile",
    "warning dead-letters-waiting Queue/events-dead",
    "error event-rule-missing Rule/Health",
  ]);
  const { stdout } = await doctor(broken, []);
  expect(stdout).toContain("FAILED tcp");
  expect(stdout.replace(/\s+/g, " ")).toContain("hepctl invoke rearm --cluster prod --region eu-west-1");
});

test("nothing deployed is one sentence, and nothing more is asked", async () => {
  const gone = { "Lambda GetFunctionConfiguration": { refusal: "ResourceNotFoundException", status: 404 } };
  expect(await findingsOf(gone)).toEqual([
    "info not-deployed Function/hostendpoint-reconciler-prod-reconcile",
  ]);
  expect((await doctor(gone)).asked).toEqual(["EKS DescribeCluster", "Lambda GetFunctionConfiguration"]);
});

test("what may not be read is information, by the name of the IAM action", async () => {
  const refused = (name: string) => ({ refusal: name, status: name === "AccessDenied" ? 403 : 400 });
  const denied: Answers = {
    ...Object.fromEntries(
      Object.keys(whole)
        .filter((it) => it !== "EKS DescribeCluster")
        .map((it) => [it, refused("AccessDeniedException")]),
    ),
    "AutoScaling DescribeLifecycleHooks": refused("AccessDenied"),
  };
  const { findings } = JSON.parse((await doctor(denied)).stdout) as {
    readonly findings: readonly { readonly severity: string; readonly message: string }[];
  };
  expect(findings.slice(1).map((it) => [it.severity, /may not ([^,]+),/.exec(it.message)?.[1]])).toEqual([
    ["info", "autoscaling:DescribeLifecycleHooks"],
    ["info", "eks:ListNodegroups and eks:DescribeNodegroup"],
    ["info", "lambda:GetFunctionConfiguration"],
    ["info", "lambda:ListEventSourceMappings"],
    ["info", "ssm:GetParameter"],
  ]);
});
