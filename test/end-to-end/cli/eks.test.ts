/**
 * `--cluster NAME --region R` and `invoke`, as on AWS: EKS and Lambda are loopback servers that the SDK is pointed at, the
 * token is verified as STS does, the API server is real.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { rbacObjects } from "../../../lib/names/cluster-role.ts";
import { KUBERNETES_GROUP, KUBERNETES_USER } from "../../../lib/names/names.ts";
import { aGlobalNetworkPolicy } from "../../builders/a-guard-request.ts";
import { anApiServerSlice } from "../../builders/an-endpoint-slice.ts";
import { someNodeObjects } from "../../builders/a-node.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { describeWhereControlPlaneRuns } from "../../control-plane/describe-with-control-plane.ts";
import {
  startEksTokenWebhook,
  type AccessEntry,
  type EksTokenWebhook,
} from "../../fakes/eks-token-webhook.ts";
import { serveLoopback, type LoopbackServer } from "../../fakes/serve-loopback.ts";
import { reportShape } from "../../../functions/local/docs/output-shapes.ts";
import { parseAs } from "./parse-as.ts";
import { onlyLine, runHepctl, settingsFile } from "./run-hepctl.ts";

type Asked = { readonly path: string; readonly body: unknown };
type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
};

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const cluster = ["--cluster", "prod", "--region", "eu-west-1"];

describeWhereControlPlaneRuns("hepctl on EKS", () => {
  let entries: Record<string, AccessEntry> = {};
  let webhook: EksTokenWebhook;
  let controlPlane: ControlPlane;
  let aws: LoopbackServer;
  let asked: Asked[] = [];
  let answer: (asked: Asked) => Answer;
  let environment: Record<string, string> = {};

  beforeAll(async () => {
    webhook = await startEksTokenWebhook({
      cluster: "prod",
      region: "eu-west-1",
      keys: { AKIDEXAMPLE: { secretAccessKey: secret } },
      now: () => Date.now(),
      accessEntries: () => entries,
    });
    controlPlane = await startControlPlane({
      tokenWebhook: webhook.kubeconfig,
      flags: ["--authentication-token-webhook-cache-ttl=1ms"],
    });
    await controlPlane.apply(rbacObjects());
    aws = await serveLoopback((request, response) => {
      void readBody(request).then((body) => {
        const one = { path: request.url ?? "", body };
        asked.push(one);
        const { status, headers, body: said } = answer(one);
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof said === "string" ? said : JSON.stringify(said));
      });
    });
    environment = {
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_ENDPOINT_URL: aws.url,
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }, 120_000);
  afterAll(async () => {
    await aws.stop();
    await controlPlane.stop();
    await webhook.stop();
  });
  beforeEach(async () => {
    await controlPlane.resetObjects();
    await controlPlane.apply(someNodeObjects(2));
    entries = { AKIDEXAMPLE: { username: KUBERNETES_USER, groups: [KUBERNETES_GROUP] } };
    asked = [];
    answer = () => ({ status: 200, body: describeCluster() });
  });

  const describeCluster = () => ({
    cluster: {
      name: "prod",
      status: "ACTIVE",
      endpoint: controlPlane.url,
      certificateAuthority: { data: controlPlane.caData },
    },
  });

  test("plan needs no kubeconfig: endpoint from DescribeCluster, token signed here", async () => {
    const { code, stdout, stderr } = await runHepctl(["plan", ...cluster, "-o", "json"], { environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(parseAs(reportShape, stdout).counts).toMatchObject({ nodes: 2, create: 2 });
    expect(asked.map((it) => it.path)).toEqual(["/clusters/prod"]);
  });

  test("plan knows the VPC where a policy names addresses, and the API servers", async () => {
    const vpc = { resourcesVpcConfig: { vpcId: "vpc-1", endpointPrivateAccess: true } };
    const blocks = ["10.0.0.0/16", "10.1.0.0/16"].map(
      (it) =>
        `<item><cidrBlock>${it}</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>`,
    );
    answer = ({ path }) =>
      path.startsWith("/clusters")
        ? { status: 200, body: { cluster: { ...describeCluster().cluster, ...vpc } } }
        : {
            status: 200,
            headers: { "content-type": "text/xml" },
            body: `<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlockAssociationSet>${blocks.join("")}</cidrBlockAssociationSet></item></vpcSet></DescribeVpcsResponse>`,
          };
    const from = (nets: readonly string[]) =>
      aGlobalNetworkPolicy("kubelets", {
        types: ["Ingress"],
        ingress: [
          { action: "Allow", protocol: "TCP", source: { nets }, destination: { ports: [10_250] } },
          { action: "Allow", protocol: "TCP", destination: { notPorts: [10_250] } },
          { action: "Allow", notProtocol: "TCP" },
        ],
      });
    const withheld = async () => {
      const { stdout } = await runHepctl(["plan", ...cluster, "-o", "json"], { environment });
      return [...new Set(parseAs(reportShape, stdout).actions.map((it) => it.reason))];
    };
    await controlPlane.apply([from(["10.0.0.0/16"])]);
    expect(await withheld()).toEqual(["essential-flow-unknown"]);
    expect(asked.map((it) => it.path)).toEqual(["/clusters/prod", "/"]);
    await controlPlane.apply([anApiServerSlice(["10.1.7.7"])]);
    expect(await withheld()).toEqual(["essential-flow-cut"]);
    await controlPlane.apply([from(["10.0.0.0/15"])]);
    expect(await withheld()).not.toContain("essential-flow-cut");
    expect(await withheld()).not.toContain("essential-flow-unknown");
  });

  test("doctor names the hop: no access entry, no such cluster, no AWS credentials", async () => {
    entries = {};
    // A token that is signed within the same second is the same token, and kube-apiserver remembers those for 10 s.
    await sleep(1_100);
    const healthy = answer;
    const nothing = { status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" }, body: {} };
    answer = (it) => (it.path === "/clusters/prod" ? healthy(it) : nothing);
    const denied = await runHepctl(["doctor", ...cluster, "-o", "json"], { environment });
    expect(denied.code).toBe(1);
    expect(JSON.parse(denied.stdout)).toMatchObject({
      findings: [
        { code: "authentication-failed", message: expect.stringMatching(/access entry/) as unknown },
        { severity: "info", code: "not-deployed" },
      ],
    });
    entries = { AKIDEXAMPLE: { username: KUBERNETES_USER, groups: [KUBERNETES_GROUP] } };
    const { stdout } = await runHepctl(["doctor", ...cluster, "-o", "json"], { environment });
    const { hops, findings } = JSON.parse(stdout) as {
      readonly hops: readonly { readonly outcome: string }[];
      readonly findings: readonly { readonly code: string }[];
    };
    expect(hops.every((it) => it.outcome === "passed")).toBe(true);
    expect(findings.filter((it) => it.code === "not-deployed")).toHaveLength(1);
    answer = () => ({
      status: 404,
      headers: { "x-amzn-errortype": "ResourceNotFoundException" },
      body: { message: "No cluster found for name: prod." },
    });
    const missing = await runHepctl(["doctor", ...cluster], { environment });
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/FAILED describe-cluster\n.*No cluster found for name: prod/) as unknown,
    });
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...nobody } = environment;
    const anonymous = await runHepctl(["doctor", ...cluster], { environment: nobody });
    expect({ code: anonymous.code, stdout: anonymous.stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/FAILED credentials/) as unknown,
    });
  });

  test("invoke plan prints the function's report as the local command would, with its exit code", async () => {
    const local = await runHepctl(["plan", ...cluster, "-o", "json"], { environment });
    const report: unknown = JSON.parse(local.stdout);
    asked = [];
    answer = () => ({ status: 200, body: { ...(report as object), status: "withheld" } });
    const args = ["invoke", "plan", ...cluster, "--node", "node-0001", "--reason", "because"];
    const { code, stdout } = await runHepctl([...args, "-o", "json"], { environment });
    expect({ code, report: JSON.parse(stdout) as unknown }).toEqual({
      code: 3,
      report: { ...(report as object), status: "withheld" },
    });
    expect(asked).toEqual([
      {
        path: "/2015-03-31/functions/hostendpoint-reconciler-prod-reconcile/invocations",
        body: { action: "plan", nodes: ["node-0001"], reason: "because" },
      },
    ]);
    expect((await runHepctl(args, { environment })).stdout).toContain("Plan: 2 to create");
  });

  test("invoke release confirms by the cluster's name, and only with --yes", async () => {
    const config = await settingsFile(
      'cluster: {name: prod, region: eu-west-1, account: "111122223333"}\nid: mine\n',
    );
    const refused = await runHepctl(["invoke", "release", "--config", config], { environment });
    expect(refused.code).toBe(64);
    expect(onlyLine(refused.stderr)).toContain("--yes");
    expect(asked).toEqual([]);
    answer = () => ({ status: 200, body: { status: "armed", detail: "cluster prod is reconciled again" } });
    await runHepctl(["invoke", "release", "--config", config, "--yes"], { environment });
    const rearmed = await runHepctl(["invoke", "rearm", "--config", config], { environment });
    expect(rearmed).toMatchObject({ code: 0, stdout: "cluster prod is reconciled again\n" });
    expect(asked.map((it) => it.body)).toEqual([
      { action: "release", nodes: [], confirm: "prod" },
      { action: "rearm", confirm: "prod" },
    ]);
    // That of the settings' account, whoever asks.
    expect(asked[0]?.path).toContain("/functions/111122223333%3Afunction%3Amine-prod-release/");
  });

  test("every report, and every question, says which cluster it is about", async () => {
    answer = () => ({
      status: 200,
      body: {
        cluster: { ...describeCluster().cluster, arn: "arn:aws:eks:eu-west-1:111122223333:cluster/prod" },
      },
    });
    const { stdout } = await runHepctl(["plan", ...cluster], { environment });
    expect(stdout.split("\n")[0]).toBe(
      `On EKS cluster prod in eu-west-1 of account 111122223333 (${controlPlane.url}):`,
    );
    const json = await runHepctl(["plan", ...cluster, "-o", "json"], { environment });
    expect(JSON.parse(json.stdout)).toMatchObject({
      cluster: {
        server: controlPlane.url,
        eks: { name: "prod", region: "eu-west-1", account: "111122223333" },
      },
    });
    const byContext = await runHepctl(["plan", "--kubeconfig", await controlPlane.writeKubeconfig()]);
    expect(byContext.stdout).toMatch(/^On context ".+" \(https:\/\/127\.0\.0\.1:\d+\):\n/);
  });

  describe("settings of another cluster than the one that is reached", () => {
    const other = (region: string) =>
      settingsFile(`cluster: {name: staging, region: ${region}, account: "111122223333"}\n`);
    const written = async () =>
      (await controlPlane.admin.list("/apis/crd.projectcalico.org/v1/hostendpoints")).items.length;

    test.each([
      ["plan", []],
      ["reconcile", ["--yes"]],
      ["release", ["--yes"]],
      ["invoke release", ["--yes"]],
      ["invoke reconcile", []],
    ])("%s by name is refused, and nothing is written or invoked", async (command, more) => {
      const { code, stdout, stderr } = await runHepctl(
        [...command.split(" "), ...cluster, "--config", await other("eu-west-1"), ...more],
        { environment },
      );
      expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
      expect(onlyLine(stderr)).toMatch(
        /--config is for EKS cluster staging in eu-west-1.* prod in eu-west-1/,
      );
      expect(asked.filter((it) => it.path.includes("/functions/"))).toEqual([]);
      expect(await written()).toBe(0);
    });

    test.each(["plan", "reconcile", "release"])(
      "%s by kubeconfig is refused when EKS names another server, and done with --force",
      async (command) => {
        answer = () => ({
          status: 200,
          body: {
            cluster: {
              ...describeCluster().cluster,
              endpoint: "https://ABC.gr7.eu-west-1.eks.amazonaws.com",
            },
          },
        });
        const config = await other("eu-west-1");
        const args = [
          command,
          "--kubeconfig",
          await controlPlane.writeKubeconfig(),
          "--config",
          config,
          ...(command === "plan" ? [] : ["--yes"]),
        ];
        const refused = await runHepctl(args, { environment });
        expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 64, stdout: "" });
        expect(onlyLine(refused.stderr)).toMatch(
          /--config is for EKS cluster staging in eu-west-1 of account 111122223333, but context .* the server of staging is https:\/\/ABC/,
        );
        expect(asked.map((it) => it.path)).toEqual(["/clusters/staging"]);
        expect((await runHepctl([...args, "--force"], { environment })).code).toBe(0);
        expect(asked).toHaveLength(1);
      },
    );

    test("the same server is the same cluster, whatever the context is called", async () => {
      const { code, stderr } = await runHepctl(
        ["plan", "--kubeconfig", await controlPlane.writeKubeconfig(), "--config", await other("eu-west-1")],
        { environment },
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    test("where AWS says nothing, a plan says so and goes on", async () => {
      const { code, stderr } = await runHepctl(
        ["plan", "--kubeconfig", await controlPlane.writeKubeconfig(), "--config", await other("eu-west-1")],
        { environment: { AWS_EC2_METADATA_DISABLED: "true" } },
      );
      expect(code).toBe(0);
      expect(onlyLine(stderr)).toMatch(
        /note: cannot tell whether context .* is EKS cluster staging .*no AWS credentials/,
      );
    });
  });

  test.each<[string, () => Answer, RegExp]>([
    [
      "throws",
      () => ({
        status: 200,
        headers: { "x-amz-function-error": "Unhandled" },
        body: { errorType: "UsageError", errorMessage: "cluster prod was released" },
      }),
      /cluster prod was released/,
    ],
    [
      "does not exist",
      () => ({
        status: 404,
        headers: { "x-amzn-errortype": "ResourceNotFoundException" },
        body: { Message: "Function not found" },
      }),
      /Invoke hostendpoint-reconciler-prod-reconcile: ResourceNotFoundException: Function not found/,
    ],
    [
      "may not be called",
      () => ({
        status: 403,
        headers: { "x-amzn-errortype": "AccessDeniedException" },
        body: { Message: "not authorized to perform: lambda:InvokeFunction" },
      }),
      /AccessDeniedException.*InvokeFunction/,
    ],
  ])("a function that %s is one line and exit code 1", async (_what, says, message) => {
    answer = says;
    const { code, stdout, stderr } = await runHepctl(["invoke", "reconcile", ...cluster], { environment });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(onlyLine(stderr)).toMatch(message);
  });
});

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  // EC2 is asked in forms.
  return text.startsWith("{") ? (JSON.parse(text) as unknown) : text === "" ? undefined : text;
}
