import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code } from "aws-cdk-lib/aws-lambda";
import { parseSettings } from "../../lib/config/settings.ts";
import { ReconcilerStack } from "../../infra/reconciler-stack.ts";
import type { ClusterSettings } from "../../infra/settings.ts";

/** A resource of a template, as far as tests look into it. */
export type Resource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
};

const cluster = { name: "prod", region: "eu-west-1", account: "111122223333" };

/** Settings that can be deployed, with other values put in. */
export function someSettings(changes: Readonly<Record<string, unknown>> = {}): ClusterSettings {
  const parsed = parseSettings({ cluster, ...changes }, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.join("; "));
  return parsed.settings as ClusterSettings;
}

/** An app with the feature flags that cdk.json sets: without them a test would look at another template than a deployment. */
export function anApp(flags: Readonly<Record<string, boolean>> = {}): App {
  const cdk = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "cdk.json"), "utf8")) as {
    readonly context: Record<string, unknown>;
  };
  return new App({ context: { ...cdk.context, ...flags }, outdir: mkdtempSync(join(tmpdir(), "cdk-out-")) });
}

/** A stack whose functions are a placeholder: what they do is tested elsewhere. */
export function aStack(app: App, changes: Readonly<Record<string, unknown>> = {}): ReconcilerStack {
  const placeholder = Code.fromInline("export const handler = () => {};");
  return new ReconcilerStack(app, {
    settings: someSettings(changes),
    code: { reconcile: placeholder, release: placeholder },
  });
}

/** The template for settings with other values put in. CDK's own rules for templates, half a second each time, run in cdk-nag.test.ts. */
export function aTemplate(changes: Readonly<Record<string, unknown>> = {}): Template {
  return Template.fromStack(aStack(anApp({ "@aws-cdk/core:validateAgainstDefaultRules": false }), changes));
}

/** Resources of one type, by logical id. */
export function resourcesOf(template: Template, type: string): Readonly<Record<string, Resource>> {
  return template.findResources(type) as Record<string, Resource>;
}

/** Every setting that changes which resources there are. */
export const EVERYTHING = {
  cluster: {
    ...cluster,
    vpc: {
      id: "vpc-0123456789abcdef0",
      subnets: ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"],
      securityGroups: ["sg-0123456789abcdef0"],
    },
  },
  autoScalingGroups: ["prod-workers", "prod-gpu"],
  lifecycle: { launch: "abandon", heartbeat: 600, managedNodeGroups: true },
  canary: { probe: true },
  alarms: { email: "team@example.com" },
  onDestroy: "remove",
} as const;

/** What landing zones ask for. */
export const LANDING_ZONE = {
  permissionsBoundary: "arn:aws:iam::111122223333:policy/boundary",
  kmsKey: "arn:aws:kms:eu-west-1:111122223333:key/0123abcd-01ab-23cd-45ef-0123456789ab",
  tags: { "cost-center": "4711" },
  tracing: true,
  terminationProtection: true,
} as const;
