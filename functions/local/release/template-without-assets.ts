/**
 * The stack of infra as one CloudFormation template for any cluster: its functions come from a bucket of the person's own, and
 * what CDK would fill in are parameters. For those who deploy without CDK; whoever needs other settings than these (groups with
 * hooks, a private endpoint, another schedule) deploys with CDK or the construct.
 *
 * The stack is synthesized for a cluster whose name, region and account stand for themselves, and each mention of them becomes
 * a reference. Must never happen: one that stays, or is put where CloudFormation takes no reference.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { ReconcilerStack } from "../../../infra/reconciler-stack.ts";
import type { ClusterSettings } from "../../../infra/settings.ts";
import { parseSettings } from "../../../lib/config/settings.ts";
import { reconcileFunctionName } from "../../../lib/names/names.ts";
import { checkSelector } from "../../../lib/policy/selector/parse-selector.ts";
import type { FunctionName } from "../bundle.ts";

export type Template = {
  readonly Description?: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
};

type TemplateResource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
};

/** Stand for what a parameter says. Any region does: no name and no permission of the stack depends on which. */
const PLACE = { name: "name-of-the-cluster", region: "mx-central-1", account: "909090909090" } as const;
const REFERENCES = new Map<string, string>([
  [PLACE.name, "${ClusterName}"],
  [PLACE.region, "${AWS::Region}"],
  [PLACE.account, "${AWS::AccountId}"],
  // The dashboard's title.
  ["stage **enforce**", "stage **${Stage}**"],
]);
const MENTION = new RegExp([...REFERENCES.keys()].join("|").replaceAll("*", "\\*"), "g");

/** Longest name of a Lambda function. */
const FUNCTION_NAME_LENGTH = 64;

export async function templateWithoutAssets(zipOf: (name: FunctionName) => string): Promise<Template> {
  const read = parseSettings({ cluster: PLACE }, checkSelector);
  if (!read.ok) throw new Error(read.problems.join("; "));
  const settings = read.settings as ClusterSettings;
  const template = synthesize(settings);
  const longest = FUNCTION_NAME_LENGTH - reconcileFunctionName("", settings.id).length;
  const codes: Readonly<Record<string, FunctionName>> = {
    [reconcileFunctionName(PLACE.name, settings.id)]: "reconcile",
  };
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    const { Type: type, Properties: properties } = resource;
    if (type !== "AWS::Lambda::Function") return [id, refer(resource)] as const;
    const name = codes[String(properties["FunctionName"])] ?? "release";
    return [id, refer({ ...resource, Properties: fromBucket(properties, zipOf(name)) })] as const;
  });
  const made: Template = {
    Description: "Keeps a Calico HostEndpoint for every node of an EKS cluster",
    Parameters: parameters(longest),
    Resources: Object.fromEntries(resources) as Template["Resources"],
    Outputs: Object.fromEntries(Object.entries(template.Outputs).map(([id, it]) => [id, refer(it)])),
  };
  const left = JSON.stringify(made).match(MENTION);
  if (left !== null) throw new Error(`the template still says ${left[0]}`);
  return made;
}

function synthesize(settings: ClusterSettings): Template {
  const outdir = mkdtempSync(join(tmpdir(), "template-"));
  try {
    const app = new App({ analyticsReporting: false, outdir, context: { "aws:cdk:disable-metadata": true } });
    // Replaced below: inline code is no asset.
    const code = { reconcile: Code.fromInline("-"), release: Code.fromInline("-") };
    const stack = new ReconcilerStack(app, { settings, code });
    return app.synth().getStackArtifact(stack.artifactId).template as Template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Settings travel in the environment: a zip that is everybody's holds nobody's. */
function fromBucket(properties: TemplateResource["Properties"], zip: string): TemplateResource["Properties"] {
  const { Variables: variables } = properties["Environment"] as {
    readonly Variables: Record<string, unknown>;
  };
  const { SETTINGS_FILE: _file, ...others } = variables;
  return {
    ...properties,
    Code: { S3Bucket: { Ref: "CodeBucket" }, S3Key: { "Fn::Sub": `\${CodePrefix}${zip}` } },
    Environment: {
      Variables: {
        ...others,
        SETTINGS: {
          "Fn::Sub": `{"cluster":{"name":"${PLACE.name}","region":"${PLACE.region}","account":"${PLACE.account}"},"stage":"\${Stage}","endpoints":\${Endpoints}}`,
        },
      },
    },
  };
}

function parameters(longestName: number) {
  return {
    ClusterName: {
      Type: "String",
      Description: "Name of the EKS cluster, of this account and region",
      AllowedPattern: "^[0-9A-Za-z][A-Za-z0-9_-]*$",
      MaxLength: longestName,
    },
    CodeBucket: { Type: "String", Description: "Bucket of this region that holds the zips of this release" },
    CodePrefix: { Type: "String", Description: "What their keys begin with, such as releases/", Default: "" },
    Stage: {
      Type: "String",
      Description:
        "observe writes nothing; canary starts with a node of each group; enforce trusts the guard",
      AllowedValues: ["observe", "canary", "enforce"],
      Default: "observe",
    },
    Endpoints: {
      Type: "String",
      Description: "The setting endpoints, as JSON",
      Default: "[{}]",
      MaxLength: 3000,
    },
  };
}

/** Puts references where the stand-ins are. @throws Error for one in a key, where CloudFormation takes none. */
function refer(value: unknown): unknown {
  if (typeof value === "string")
    return value.search(MENTION) < 0 ? value : { "Fn::Sub": substituted(value, true) };
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "Metadata")
      .map(([key, member]) => {
        if (key.search(MENTION) >= 0) throw new Error(`the template has a key ${key}`);
        if (key === "Fn::Sub" && typeof member === "string") return [key, substituted(member, false)];
        return [key, refer(member)];
      }),
  );
}

function substituted(text: string, isLiteral: boolean): string {
  const escaped = isLiteral ? text.replaceAll("${", "${!") : text;
  return escaped.replace(MENTION, (it) => REFERENCES.get(it) ?? it);
}
