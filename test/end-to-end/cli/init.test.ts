/** `hepctl init` against moto's EKS, Auto Scaling and STS, as a person runs it: in a clone, elsewhere, and without credentials. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateAutoScalingGroupCommand, AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { readClusterSettings } from "../../../infra/settings.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import { describeWithParts } from "../parts/describe-with-parts.ts";
import { accountOf, locateMoto, startMoto, type Moto } from "../localstack/start-moto.ts";
import { onlyLine, runHepctl } from "./run-hepctl.ts";

const REGION = "eu-west-1";
const schema = join(import.meta.dirname, "..", "..", "..", "infra", "clusters", "settings.schema.json");

await describeWithParts("hepctl init", [locateMoto], () => {
  let moto: Moto;
  let environment: Record<string, string> = {};
  const emptyFolder = () => mkdtempSync(join(tmpdir(), "init-"));
  const init = (folder: string, args: readonly string[], more: Record<string, string> = {}) =>
    runHepctl(["init", ...args], { folder, environment: { ...environment, ...more } });

  beforeAll(async () => {
    moto = await startMoto();
    const { configuration, ...account } = accountOf(moto, REGION);
    environment = account.environment;
    using ec2 = { client: new EC2Client(configuration), [Symbol.dispose]: () => ec2.client.destroy() };
    const { Subnets = [] } = await ec2.client.send(new DescribeSubnetsCommand({}));
    const subnetIds = Subnets.slice(0, 2).flatMap((it) => it.SubnetId ?? []);
    const eks = new EKSClient(configuration);
    for (const name of ["prod", "staging"])
      await eks.send(
        new CreateClusterCommand({
          name,
          roleArn: "arn:aws:iam::111122223333:role/cluster",
          resourcesVpcConfig: { subnetIds },
        }),
      );
    eks.destroy();
    await ec2.client.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "workers",
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "t3.micro" },
      }),
    );
    const autoScaling = new AutoScalingClient(configuration);
    for (const [group, cluster] of [
      ["prod-workers", "prod"],
      ["staging-workers", "staging"],
    ] as const)
      await autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: group,
          MinSize: 0,
          MaxSize: 0,
          VPCZoneIdentifier: subnetIds[0],
          LaunchTemplate: { LaunchTemplateName: "workers" },
          Tags: [{ Key: `kubernetes.io/cluster/${cluster}`, Value: "owned" }],
        }),
      );
    autoScaling.destroy();
  }, 120_000);
  afterAll(() => moto.stop());

  test("in a clone: infra/clusters/NAME.yaml, from anywhere in it, ready for a deployment", async () => {
    const clone = emptyFolder();
    const clusters = join(clone, "infra", "clusters");
    mkdirSync(clusters, { recursive: true });
    cpSync(schema, join(clusters, "settings.schema.json"));
    const { code, stdout, stderr } = await init(join(clone, "infra"), [
      "--cluster",
      "prod",
      "--region",
      REGION,
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "wrote clusters/prod.yaml; next: npm run deploy -- prod\n",
    });
    expect(stderr).not.toContain("fill in");
    const read = readClusterSettings("prod", { folder: clusters, checkSelector });
    expect(read).toMatchObject({
      ok: true,
      settings: {
        cluster: { name: "prod", region: REGION, account: "111122223333" },
        autoScalingGroups: [],
        lifecycle: { managedNodeGroups: false },
      },
    });
    const text = readFileSync(join(clusters, "prod.yaml"), "utf8");
    expect(text).toMatch(/^# {3}- prod-workers$/m);
    expect(text).not.toContain("staging");
    const again = await init(clone, ["--cluster", "prod", "--region", REGION]);
    expect(again.code).toBe(64);
    expect(onlyLine(again.stderr)).toMatch(/infra\/clusters\/prod\.yaml is there already and stays as it is/);
    expect(readFileSync(join(clusters, "prod.yaml"), "utf8")).toBe(text);
  });

  test("elsewhere: ./NAME.yaml; the region comes with the profile", async () => {
    const folder = emptyFolder();
    const config = join(import.meta.dirname, "profiles.ini");
    const { code, stdout } = await init(
      folder,
      ["--cluster", "prod", "--profile", "platform", "-o", "json"],
      {
        AWS_CONFIG_FILE: config,
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
      },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file: "prod.yaml", fillIn: [], cluster: { region: REGION } });
    expect(parse(readFileSync(join(folder, "prod.yaml"), "utf8"))).toMatchObject({
      cluster: { name: "prod", region: REGION, account: "111122223333" },
    });
  });

  test("a wrong name or region: account, region and the clusters there, and no file", async () => {
    const folder = emptyFolder();
    const { code, stderr } = await init(folder, ["--cluster", "prdo", "--region", REGION]);
    expect(code).toBe(1);
    expect(onlyLine(stderr)).toMatch(
      /No cluster found for name: prdo.* \(asked: account 111122223333, region eu-west-1; clusters there: prod, staging\)$/,
    );
    const elsewhere = await init(folder, ["--cluster", "prod", "--region", "eu-north-1"]);
    expect(onlyLine(elsewhere.stderr)).toMatch(/region eu-north-1; there are no clusters there\)$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("without credentials: the minimum, the SDK's own sentence, and what to fill in", async () => {
    const folder = emptyFolder();
    const nobody = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const expired = await init(folder, ["--cluster", "prod", "--profile", "expired"], {
      ...nobody,
      AWS_CONFIG_FILE: join(import.meta.dirname, "profiles.ini"),
    });
    expect(expired).toMatchObject({
      code: 0,
      stdout: "wrote prod.yaml; next: hepctl plan --config prod.yaml\n",
    });
    expect(expired.stderr).toMatch(/run 'aws sso login'/);
    expect(expired.stderr).toMatch(/^fill in: cluster\.account$/m);
    expect(parse(readFileSync(join(folder, "prod.yaml"), "utf8"))).toEqual({
      cluster: { name: "prod", region: "eu-west-1", account: "" },
    });
    const anonymous = await init(emptyFolder(), ["--cluster", "prod"], nobody);
    expect(anonymous.stderr).toMatch(/^note: the region of cluster prod is not known/m);
    expect(anonymous.stderr).toMatch(/^fill in: cluster\.region, cluster\.account$/m);
  });

  test.each<readonly [mistake: string, args: readonly string[], sentence: RegExp]>([
    ["no cluster", [], /which cluster\? add --cluster NAME/],
    ["a name that EKS cannot have", ["--cluster", "../prod"], /--cluster: an EKS cluster name/],
    ["a region that is none", ["--cluster", "prod", "--region", "europe"], /--region: an AWS region such as/],
    [
      "a folder that is not there",
      ["--cluster", "prod", "--region", REGION, "--out", "no/where.yaml"],
      /no\/where\.yaml: there is no folder no/,
    ],
  ])("%s is one line and exit code 64", async (_mistake, args, sentence) => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await init(folder, args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(onlyLine(stderr)).toMatch(sentence);
    expect(existsSync(join(folder, "prod.yaml"))).toBe(false);
  });
});
