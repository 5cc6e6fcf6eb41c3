import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readClusterSettings } from "../../infra/settings.ts";
import { settingsSchemaFile, settingsSchemaText } from "../../infra/settings-schema.ts";
import { checkSelector } from "../../lib/policy/selector/parse-selector.ts";

/** A folder with one file, `prod.yaml`. */
function folderWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "clusters-"));
  writeFileSync(join(folder, "prod.yaml"), text);
  return folder;
}

const CLUSTER = 'cluster: {name: prod, region: eu-west-1, account: "111122223333"}\n';

/** What a person is told about the file `prod.yaml`, without the folder. */
function complaintAbout(text: string): string {
  const folder = folderWith(text);
  const read = readClusterSettings("prod", { folder, checkSelector });
  return read.ok ? "nothing" : read.message.replaceAll(`${folder}/`, "");
}

describe("settings that can be deployed", () => {
  test("the example is one, and the minimum too", () => {
    expect(readClusterSettings("example", { checkSelector })).toMatchObject({
      ok: true,
      settings: { cluster: { name: "example" }, stage: "enforce" },
    });
    expect(complaintAbout(CLUSTER)).toBe("nothing");
  });

  test("the path of a file serves as a name", () => {
    const file = join(folderWith(CLUSTER), "prod.yaml");
    expect(readClusterSettings(file, { checkSelector })).toMatchObject({ ok: true, file });
  });

  test("the published JSON Schema is that of the code (node functions/local/run.mjs infra/write-settings-schema.ts)", async () => {
    expect(readFileSync(settingsSchemaFile, "utf8")).toBe(await settingsSchemaText());
  });
});

describe("a newcomer's mistakes get a sentence", () => {
  test("no name", () => {
    expect(readClusterSettings(undefined, { checkSelector })).toEqual({
      ok: false,
      message: `Which cluster? Name a file of infra/clusters: nothing yet.`,
    });
  });

  test("an unknown name lists the known ones", () => {
    const folder = folderWith(CLUSTER);
    const read = readClusterSettings("prdo", { folder, checkSelector });
    expect(read).toMatchObject({ ok: false });
    expect(read.ok ? "" : read.message).toMatch(
      /^There is no .*prdo\.yaml\. .* has: prod\. For a new cluster: npm run --silent hepctl -- init --cluster prdo --region REGION$/,
    );
  });

  test("a path that leads nowhere", () => {
    expect(readClusterSettings("elsewhere/prod.yaml", { checkSelector })).toEqual({
      ok: false,
      message: "There is no file elsewhere/prod.yaml.",
    });
  });

  test.each<readonly [mistake: string, text: string, complaint: string]>([
    [
      "not YAML",
      `${CLUSTER}endpoints:\n  - name: "{node}\n`,
      `This is not valid YAML:\n  prod.yaml:4: Missing closing "quote`,
    ],
    ["a key twice", `${CLUSTER}stage: observe\nstage: enforce\n`, "prod.yaml:3: Map keys must be unique"],
    ["two documents", `${CLUSTER}---\nstage: observe\n`, "prod.yaml:2: Source contains multiple documents"],
    ["an empty file", "", "prod.yaml: cluster: missing; a deployment needs cluster: {name, region, account}"],
    ["a list", "- prod\n", "prod.yaml: settings: Invalid input: expected object"],
    ["an unknown key", `${CLUSTER}schedul: rate(5 minutes)\n`, "prod.yaml:2: schedul: unknown key"],
    [
      "an account without quotes",
      "cluster: {name: prod, region: eu-west-1, account: 111122223333}\n",
      "prod.yaml:1: cluster.account: an AWS account id: 12 digits, in quotes",
    ],
    [
      "an invalid selector",
      `${CLUSTER}endpoints:\n  - nodes: all(\n`,
      "prod.yaml:3: endpoints[0].nodes: no closing parenthesis after all(, at character 1",
    ],
    [
      "several at once",
      `${CLUSTER}stage: enforced\nlifecycle:\n  heartbeat: 5\nwhat: 1\n`,
      "3 problems in the settings:\n  prod.yaml:2: stage: ",
    ],
    [
      "a bad schedule",
      `${CLUSTER}schedule: every 5 minutes\n`,
      "prod.yaml:2: schedule: an EventBridge schedule",
    ],
    [
      "a cron of five fields",
      `${CLUSTER}schedule: cron(0 6 * * *)\n`,
      "prod.yaml:2: schedule: cron(...) has six",
    ],
    [
      "a schedule too rare to watch over",
      `${CLUSTER}schedule: rate(7 days)\n`,
      "prod.yaml:2: schedule: up to 168 hours pass between two runs; at most 84",
    ],
    [
      "names that are too long together",
      `cluster: {name: ${"a".repeat(60)}, region: eu-west-1, account: "111122223333"}\n`,
      'prod.yaml: id: "hostendpoint-reconciler" and the cluster\'s name are 30 characters too long together',
    ],
    [
      "an id that AWS keeps for itself",
      `${CLUSTER}id: aws-endpoints\n`,
      'prod.yaml:2: id: must not begin with "aws"',
    ],
    [
      "a pattern instead of a group's name",
      `${CLUSTER}autoScalingGroups: [prod-*]\n`,
      'prod.yaml:2: autoScalingGroups[0]: "prod-*" holds one of * ? :',
    ],
    [
      "a group twice",
      `${CLUSTER}autoScalingGroups:\n  - a\n  - a\n`,
      'prod.yaml:4: autoScalingGroups[1]: "a" is there twice',
    ],
    [
      "a topic of another region",
      `${CLUSTER}alarms: {topicArn: "arn:aws:sns:us-east-1:111122223333:alarms"}\n`,
      "prod.yaml:2: alarms.topicArn: the topic must be in eu-west-1",
    ],
    [
      "an id that EC2 never made",
      "cluster:\n  name: prod\n  region: eu-west-1\n  account: '111122223333'\n  vpc: {id: vpc-1, subnets: [subnet-01234567], securityGroups: [sg-01234567]}\n",
      'prod.yaml:5: cluster.vpc: "vpc-1" is no id of EC2',
    ],
  ])("%s", (_mistake, text, complaint) => {
    expect(complaintAbout(text)).toContain(complaint);
  });
});
