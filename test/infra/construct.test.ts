/** The construct in somebody else's CDK app, without our feature flags, and what landing zones ask of it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "@jest/globals";
import { HostEndpointReconciler } from "../../infra/construct.ts";
import { rbacYaml } from "../../lib/names/cluster-role.ts";
import { aStack, anApp, aTemplate, EVERYTHING, LANDING_ZONE, resourcesOf } from "./a-stack.ts";

const env = { account: "111122223333", region: "eu-west-1" };
const cluster = (name: string) => ({ name, ...env });

/** Stand-ins for the bundled functions: what they do is tested elsewhere. */
function bundles(): string {
  const folder = mkdtempSync(join(tmpdir(), "bundles-"));
  for (const name of ["reconcile", "release"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), "export const handler = () => {};\n");
  }
  return folder;
}

function foreignApp() {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "foreign-")) });
  return { app, stack: new Stack(app, "Platform", { env }) };
}

describe("a foreign app", () => {
  test("takes one construct for each cluster, several in one stack, each with its own settings and ClusterRoles", () => {
    const { app, stack } = foreignApp();
    const blue = new HostEndpointReconciler(stack, "Blue", {
      settings: { cluster: cluster("blue"), stage: "observe" },
      bundles: bundles(),
    });
    const green = new HostEndpointReconciler(stack, "Green", {
      settings: { cluster: cluster("green"), canary: { probe: true } },
      bundles: bundles(),
    });
    const { directory } = app.synth();
    expect(Object.keys(resourcesOf(Template.fromStack(stack), "AWS::Lambda::Function"))).toHaveLength(4);
    for (const [name, construct, probe] of [
      ["blue", blue, false],
      ["green", green, true],
    ] as const) {
      expect(construct.rbacYaml).toBe(rbacYaml({ probe }));
      expect(readFileSync(join(directory, `hostendpoint-reconciler-${name}.rbac.yaml`), "utf8")).toBe(
        construct.rbacYaml,
      );
    }
    const baked = readdirSync(directory)
      .filter((it) => it.startsWith("asset."))
      .map(
        (it) =>
          JSON.parse(readFileSync(join(directory, it, "settings.json"), "utf8")) as {
            readonly cluster: { readonly name: string };
            readonly stage: string;
          },
      );
    expect(new Set(baked.map((it) => `${it.cluster.name} ${it.stage}`))).toEqual(
      new Set(["blue observe", "green enforce"]),
    );
  });

  test("is told every problem of its settings at once, and that a stack of another place cannot serve", () => {
    const { stack } = foreignApp();
    const make = (settings: object) => () =>
      new HostEndpointReconciler(stack, `It${stack.node.children.length}`, {
        settings: settings,
        bundles: bundles(),
      });
    expect(make({ cluster: { name: "a b", ...env }, stag: "observe" })).toThrow(
      /^The settings have problems:\n {2}cluster\.name: an EKS cluster name.*\n {2}stag: unknown key, did you mean stage\?$/,
    );
    expect(make({ cluster: cluster("prod"), endpoints: [{ nodes: "a ===" }] })).toThrow(
      /endpoints\[0\]\.nodes: /,
    );
    expect(make({ cluster: cluster("prod"), schedule: "rate(7 days)" })).toThrow(/schedule: up to 168 hours/);
    expect(make({})).toThrow(/cluster: missing/);
    expect(make({ cluster: { ...cluster("prod"), region: "eu-north-1" } })).toThrow(
      /cluster prod is in eu-north-1 of account 111122223333, but its stack is in eu-west-1/,
    );
  });
});

describe("our own stack", () => {
  test("has the logical ids that it had before there was a construct: an upgrade replaces nothing", () => {
    const ids = readFileSync(join(import.meta.dirname, "logical-ids.txt"), "utf8")
      .trim()
      .split("\n");
    const { Resources, Outputs } = aTemplate(EVERYTHING).toJSON() as {
      readonly Resources: object;
      readonly Outputs: object;
    };
    const now = new Set([...Object.keys(Resources), ...Object.keys(Outputs)]);
    expect(ids.filter((it) => !now.has(it))).toEqual([]);
  });
});

describe("landing zones", () => {
  const template = aTemplate({ ...EVERYTHING, ...LANDING_ZONE });
  const propertiesOf = (type: string) =>
    Object.entries(resourcesOf(template, type)).map(([id, { Properties = {} }]) => ({ id, Properties }));

  test("permissionsBoundary is on every role, by ARN and by name", () => {
    const roles = propertiesOf("AWS::IAM::Role");
    expect(roles.length).toBeGreaterThan(2);
    for (const { Properties } of roles)
      expect(Properties["PermissionsBoundary"]).toBe(LANDING_ZONE.permissionsBoundary);
    const named = resourcesOf(aTemplate({ permissionsBoundary: "boundary" }), "AWS::IAM::Role");
    for (const { Properties } of Object.values(named))
      expect(JSON.stringify(Properties?.["PermissionsBoundary"])).toContain(":policy/boundary");
  });

  test("kmsKey encrypts queues, logs, environments and our topic; each role may decrypt with it and with no other", () => {
    const { kmsKey } = LANDING_ZONE;
    for (const [type, property] of [
      ["AWS::SQS::Queue", "KmsMasterKeyId"],
      ["AWS::Logs::LogGroup", "KmsKeyId"],
      ["AWS::Lambda::Function", "KmsKeyArn"],
      ["AWS::SNS::Topic", "KmsMasterKeyId"],
    ] as const) {
      const found = propertiesOf(type);
      expect(found.length).toBeGreaterThan(0);
      for (const { id, Properties } of found) expect([id, Properties[property]]).toEqual([id, kmsKey]);
    }
    const statements = propertiesOf("AWS::IAM::Policy").flatMap(
      ({ Properties }) =>
        (Properties["PolicyDocument"] as { readonly Statement: readonly Record<string, unknown>[] })
          .Statement,
    );
    const ofKms = statements.filter(({ Action }) =>
      [Action].flat().some((it) => String(it).startsWith("kms:")),
    );
    expect(ofKms.length).toBeGreaterThan(1);
    for (const { Resource } of ofKms) expect(Resource).toBe(kmsKey);
  });

  test("tags are on everything that can have tags; tracing and termination protection are on", () => {
    for (const type of ["AWS::IAM::Role", "AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::Logs::LogGroup"])
      for (const { id, Properties } of propertiesOf(type))
        expect([id, Properties["Tags"]]).toEqual([
          id,
          expect.arrayContaining([{ Key: "cost-center", Value: "4711" }]),
        ]);
    for (const { Properties } of propertiesOf("AWS::Lambda::Function"))
      expect(Properties["TracingConfig"]).toEqual({ Mode: "Active" });
    expect(aStack(anApp(), LANDING_ZONE).terminationProtection).toBe(true);
    expect(aStack(anApp()).terminationProtection).toBe(false);
  });

  test("without them nothing of it is there", () => {
    const text = JSON.stringify(aTemplate().toJSON());
    for (const word of ["PermissionsBoundary", "kms:", "KmsKey", "KmsMasterKeyId", "xray:", "TracingConfig"])
      expect(text).not.toContain(word);
  });
});
