/**
 * Everything that the deployed thing meets, on one machine: the synthesized stack in LocalStack (rules, queue, dead letters,
 * parameter), the bundled function under the real Lambda runtime, EC2 and EKS by moto, Auto Scaling's answers by a double,
 * and a real kube-apiserver that takes only tokens signed as EKS wants them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { bundleFunction } from "../../../functions/local/bundle.ts";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER, reconcileFunctionName } from "../../../lib/names/names.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import type { RecordedEvent } from "../../events/events.ts";
import {
  environmentOfAutoScalingDouble,
  startAutoScalingDouble,
  type AutoScalingDouble,
} from "../../fakes/auto-scaling-double.ts";
import { startEksTokenWebhook, type EksTokenWebhook } from "../../fakes/eks-token-webhook.ts";
import { aTemplate } from "../../infra/a-stack.ts";
import { deployTemplate } from "../deployed-stack/deploy-template.ts";
import { forLocalStack, type Template } from "../deployed-stack/for-localstack.ts";
import { pollQueue, type QueuePoller } from "../lambda-runtime/poll-queue.ts";
import { startFunction, type RunningFunction } from "../lambda-runtime/start-function.ts";
import { environmentOfLocalStack, startLocalStack } from "../localstack/start-localstack.ts";
import { environmentOfMoto, startMoto, type Moto } from "../localstack/start-moto.ts";
import { startGate, type Gate } from "./start-gate.ts";

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const CLUSTER = { name: "prod", region: REGION, account: ACCOUNT } as const;
export const GROUP = "prod-workers";

export type StoryWorld = {
  readonly controlPlane: ControlPlane;
  /** In front of the API server; the function goes through it. */
  readonly gate: Gate;
  readonly webhook: EksTokenWebhook;
  /** How long the API server takes a token, in milliseconds after its signature. */
  readonly tokens: { life: number };
  readonly moto: Moto;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingDouble;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLettersUrl: string;
  readonly running: RunningFunction;
  readonly poller: QueuePoller;
  /** Puts events on the default bus. */
  readonly putEvents: (events: readonly RecordedEvent[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const FIFTEEN_MINUTES = 15 * 60_000;

/** The batching window of the deployed mapping is 5 s; a story need not wait for it each time. */
const WINDOW_MILLISECONDS = 300;

export async function startStoryWorld(): Promise<StoryWorld> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const it of stops.splice(0).reverse()) await it();
  };
  const kept = <T extends { readonly stop: () => Promise<void> }>(it: T): T => {
    stops.push(it.stop);
    return it;
  };
  try {
    const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const sessionToken = "FwoGZXIvYXdzE+/=token";
    const tokens = { life: FIFTEEN_MINUTES };
    const webhook = kept(
      await startEksTokenWebhook({
        cluster: CLUSTER.name,
        region: REGION,
        keys: { [ACCOUNT]: { secretAccessKey: secret, sessionToken } },
        now: () => Date.now(),
        life: () => tokens.life,
        accessEntries: () => ({ [ACCOUNT]: { username: KUBERNETES_USER, groups: [KUBERNETES_GROUP] } }),
      }),
    );
    const controlPlane = kept(
      await startControlPlane({
        tokenWebhook: webhook.kubeconfig,
        flags: ["--authentication-token-webhook-cache-ttl=1ms"],
      }),
    );
    await controlPlane.apply(rbacObjects());
    const gate = kept(await startGate(Number(new URL(controlPlane.url).port)));
    const autoScaling = kept(await startAutoScalingDouble());
    const moto = kept(await startMoto());
    const localStack = kept(await startLocalStack());

    const credentials = { accessKeyId: ACCOUNT, secretAccessKey: secret };
    const ofMoto = { region: REGION, endpoint: moto.url, credentials };
    const ofLocalStack = { region: REGION, endpoint: localStack.url, credentials };
    const eks = new EKSClient(ofMoto);
    await eks.send(
      new CreateClusterCommand({
        name: CLUSTER.name,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/eks`,
        resourcesVpcConfig: {},
      }),
    );
    eks.destroy();
    moto.serveCluster({
      endpoint: `https://127.0.0.1:${gate.port}`,
      certificateAuthority: { data: controlPlane.caData },
    });

    const settings = { cluster: CLUSTER, autoScalingGroups: [GROUP] };
    const template = aTemplate(settings).toJSON() as Template;
    const stack = await deployTemplate(
      ofLocalStack,
      "story",
      forLocalStack(template, ACCOUNT, REGION).template,
    );
    const sqs = new SQSClient(ofLocalStack);
    const queueUrl = stack.physicalId("QueueEvents");

    const outDir = mkdtempSync(join(tmpdir(), "story-"));
    stops.push(async () => Promise.resolve(rmSync(outDir, { recursive: true, force: true })));
    const running = kept(
      await startFunction({
        name: reconcileFunctionName(CLUSTER.name, "hostendpoint-reconciler"),
        bundle: (await bundleFunction("reconcile", outDir)).file,
        settings,
        environment: {
          ...environmentOfMoto(moto),
          ...environmentOfAutoScalingDouble(autoScaling),
          ...environmentOfLocalStack(localStack.url, ACCOUNT),
          AWS_SECRET_ACCESS_KEY: secret,
          AWS_SESSION_TOKEN: sessionToken,
        },
      }),
    );
    const poller = kept(
      pollQueue({
        queueUrl,
        queueArn: await arnOf(sqs, queueUrl),
        client: sqs,
        invoke: running.invoke,
        windowMilliseconds: WINDOW_MILLISECONDS,
      }),
    );
    const events = new EventBridgeClient(ofLocalStack);
    return {
      controlPlane,
      gate,
      webhook,
      tokens,
      moto,
      ec2: new EC2Client(ofMoto),
      autoScaling,
      sqs,
      queueUrl,
      deadLettersUrl: stack.physicalId("QueueDeadLetters"),
      running,
      poller,
      putEvents: (some) => putEvents(events, some),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function arnOf(sqs: SQSClient, queueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }),
  );
  return Attributes?.["QueueArn"] ?? "";
}

async function putEvents(client: EventBridgeClient, events: readonly RecordedEvent[]): Promise<void> {
  const { FailedEntryCount } = await client.send(
    new PutEventsCommand({
      Entries: events.map((event) => ({
        Source: String(event["source"]),
        DetailType: String(event["detail-type"]),
        Detail: JSON.stringify(event["detail"]),
        Resources: event["resources"] as string[],
        Time: new Date(String(event["time"])),
      })),
    }),
  );
  if (FailedEntryCount !== 0) throw new Error(`${FailedEntryCount} events were refused`);
}
