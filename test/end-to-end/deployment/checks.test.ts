/**
 * `npm run deploy -- NAME` before CDK starts, against moto's account: what would make the deployment fail after minutes is told at
 * once, each in a sentence with its fix, and nothing is written.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient, CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { accountOf, locateMoto, startMoto, type Moto, type ServedCluster } from "../localstack/start-moto.ts";
import { describeWithParts } from "../parts/describe-with-parts.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const REGION = "eu-west-1";

type Outcome = { readonly code: number | null; readonly stderr: string };

function settings(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "clusters-")), "prod.yaml");
  writeFileSync(file, text);
  return file;
}

const cluster = (changes = "", account = "111122223333", name = "prod") =>
  settings(`cluster: {name: ${name}, region: ${REGION}, account: "${account}"}\n${changes}`);

await describeWithParts("the checks before a deployment", [locateMoto], () => {
  let moto: Moto;
  let environment: Record<string, string> = {};

  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    new Promise<Outcome>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [join(root, "functions", "local", "run.mjs"), join(root, "functions", "local", "cdk.ts"), ...args],
        {
          cwd: root,
          stdio: ["ignore", "ignore", "pipe"],
          env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...environment, ...more },
        },
      );
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject).on("close", (code) => {
        resolve({ code, stderr });
      });
    });

  beforeAll(async () => {
    moto = await startMoto();
    const { configuration, ...account } = accountOf(moto, REGION);
    environment = account.environment;
    const eks = new EKSClient(configuration);
    for (const name of ["prod", "staging"])
      await eks.send(
        new CreateClusterCommand({
          name,
          roleArn: "arn:aws:iam::111122223333:role/cluster",
          resourcesVpcConfig: {},
        }),
      );
    eks.destroy();
  }, 120_000);
  afterAll(() => moto.stop());

  /** What `aws eks describe-cluster` says of every cluster from now on, beside what moto says. */
  const described = (facts: ServedCluster) => moto.serveCluster(facts);
  const open = { endpointPublicAccess: true, endpointPrivateAccess: false, publicAccessCidrs: ["0.0.0.0/0"] };

  test("several problems are told at once, each with its fix", async () => {
    described({ accessConfig: { authenticationMode: "CONFIG_MAP" }, resourcesVpcConfig: open });
    const file = cluster("autoScalingGroups: [prod-workers, prod-gpu]\n");
    expect(await run(["deploy", file])).toEqual({
      code: 1,
      stderr: [
        "Not ready to deploy cluster prod in eu-west-1 of account 111122223333:",
        "  The authentication mode of cluster prod is CONFIG_MAP, which knows no access entries. There is no way back: " +
          "aws eks update-cluster-config --name prod --region eu-west-1 --access-config authenticationMode=API_AND_CONFIG_MAP",
        `  CDK's bootstrap stack of account 111122223333 in eu-west-1 is not there: npm run bootstrap -- ${file}`,
        '  autoScalingGroups: there is no Auto Scaling group "prod-workers" in eu-west-1; a hook cannot be put on it.',
        '  autoScalingGroups: there is no Auto Scaling group "prod-gpu" in eu-west-1; a hook cannot be put on it.',
        "",
      ].join("\n"),
    });
  });

  test.each<
    readonly [
      what: string,
      file: () => string,
      more: Record<string, string>,
      args: readonly string[],
      sentence: RegExp,
    ]
  >([
    [
      "another account",
      () => cluster("", "444455556666"),
      {},
      [],
      /The settings are for account 444455556666, but these credentials are of account 111122223333: .*--profile/,
    ],
    [
      "no such cluster",
      () => cluster("", "111122223333", "prdo"),
      {},
      [],
      /No cluster found for name: prdo.*\(asked: account 111122223333, region eu-west-1; clusters there: prod, staging\)/,
    ],
    [
      "an SSO session that has ended",
      () => cluster(),
      {
        AWS_CONFIG_FILE: join(root, "test", "end-to-end", "cli", "profiles.ini"),
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
      },
      ["--profile", "expired"],
      /There are no credentials that AWS accepts: .*run 'aws sso login'/,
    ],
    [
      "no credentials",
      () => cluster(),
      { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
      [],
      /There are no credentials that AWS accepts: .*Could not load credentials from any providers/,
    ],
  ])("%s", async (_what, file, more, args, sentence) => {
    described({ resourcesVpcConfig: open });
    const { code, stderr } = await run(["deploy", file(), ...args], more);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a private endpoint without a VPC, and the VPC of another cluster", async () => {
    described({
      resourcesVpcConfig: {
        ...open,
        endpointPublicAccess: false,
        endpointPrivateAccess: true,
        vpcId: "vpc-0123456789abcdef0",
      },
    });
    expect((await run(["deploy", cluster()])).stderr).toMatch(
      /The API server of cluster prod is not public for everybody.*set cluster\.vpc/,
    );
    const elsewhere = settings(
      `cluster:\n  name: prod\n  region: ${REGION}\n  account: "111122223333"\n` +
        "  vpc: {id: vpc-0fedcba9876543210, subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0]}\n",
    );
    expect((await run(["deploy", elsewhere])).stderr).toMatch(
      /cluster\.vpc\.id is vpc-0fedcba9876543210, but cluster prod is in vpc-0123456789abcdef0\./,
    );
  });

  test("an account that is ready: CDK starts, and says what it does", async () => {
    described({ accessConfig: { authenticationMode: "API" }, resourcesVpcConfig: open });
    const configuration = {
      endpoint: moto.url,
      region: REGION,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "none" },
    };
    const ssm = new SSMClient(configuration);
    await ssm.send(
      new PutParameterCommand({ Name: "/cdk-bootstrap/hnb659fds/version", Value: "5", Type: "String" }),
    );
    expect((await run(["deploy", cluster()])).stderr).toMatch(
      /has version 5, and 6 is needed: npm run bootstrap/,
    );
    await ssm.send(
      new PutParameterCommand({
        Name: "/cdk-bootstrap/hnb659fds/version",
        Value: "29",
        Type: "String",
        Overwrite: true,
      }),
    );
    ssm.destroy();
    const ec2 = new EC2Client(configuration);
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "workers",
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "t3.micro" },
      }),
    );
    ec2.destroy();
    const autoScaling = new AutoScalingClient(configuration);
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "prod-workers",
        MinSize: 0,
        MaxSize: 0,
        AvailabilityZones: [`${REGION}a`],
        LaunchTemplate: { LaunchTemplateName: "workers" },
      }),
    );
    autoScaling.destroy();
    // `--help` stands for the deployment itself, which no test does yet.
    const { code, stderr } = await run(["deploy", cluster("autoScalingGroups: [prod-workers]\n"), "--help"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Deploying to cluster prod in eu-west-1 of account 111122223333 \.\.\.\n/);
    // There is no function yet that could be asked: said, and no reason to stop.
    expect(stderr).toMatch(/was not asked about hooks .* before the first deployment there is none\.\n$/);
  });
});
