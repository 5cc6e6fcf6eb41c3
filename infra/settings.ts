/**
 * The settings of one cluster, read from `infra/clusters/NAME.yaml` (or any path that ends in `.yaml`).
 *
 * In: a name, and how to check selectors (handed in: infra shares only names and the settings schema with the code).
 * Out: settings that can be deployed, or one text for people that names every problem with its line.
 * Must never happen: a mistake in this file surfaces as a CDK stack trace, or only when CloudFormation is half done.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { parseSettings } from "../lib/config/settings.ts";
import type { SelectorCheck, Settings } from "../lib/config/settings.ts";
import { reconcileFunctionName } from "../lib/names/names.ts";
import { intervalOf } from "./schedule.ts";

/** Settings with a place to deploy to. */
export type ClusterSettings = Settings & { readonly cluster: NonNullable<Settings["cluster"]> };

export type ClusterSettingsResult =
  | { readonly ok: true; readonly settings: ClusterSettings; readonly file: string }
  | { readonly ok: false; readonly message: string };

export type ReadOptions = {
  /** Where `NAME.yaml` is looked for. */
  readonly folder?: string;
  readonly checkSelector: SelectorCheck;
};

const defaultFolder = join(import.meta.dirname, "clusters");

/** Longest name of a Lambda function. */
const FUNCTION_NAME_LENGTH = 64;

/** Two looks of the schedule for waiting machines: a hook that times out between two would abandon a machine that is held. */
const SHORTEST_HELD_SECONDS = 120;

/** A CloudWatch alarm looks back seven days at most; two intervals must fit. */
const LONGEST_INTERVAL_SECONDS = (7 * 86_400) / 2;

export function readClusterSettings(
  name: string | undefined,
  { folder = defaultFolder, checkSelector }: ReadOptions,
): ClusterSettingsResult {
  if (name === undefined || name === "")
    return refuse(`Which cluster? Name a file of ${show(folder)}: ${list(clustersToDeploy(folder))}.`);
  const file = isSettingsFile(name) ? resolve(name) : join(folder, `${name}.yaml`);
  if (!existsSync(file)) return refuse(missing(name, file, folder));
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined, problem: string) =>
    `${show(file)}${offset === undefined ? "" : `:${lines.linePos(offset).line}`}: ${problem}`;
  if (document.errors.length > 0)
    return refuse(
      ["This is not valid YAML:", ...document.errors.map((error) => at(error.pos[0], error.message))].join(
        "\n  ",
      ),
    );
  const checked = checkClusterSettings(document.toJS(), checkSelector);
  if (!checked.ok) {
    const { problems } = checked;
    const offset = (problem: string) => offsetOf(document, problem);
    return refuse(
      [
        problems.length === 1
          ? "One problem in the settings:"
          : `${problems.length} problems in the settings:`,
        ...problems.map((problem) => at(offset(problem), problem)),
      ].join("\n  "),
    );
  }
  return { ok: true, settings: checked.settings, file };
}

/** Settings as a value: whole, and fit for a deployment; or every problem as `path: what is wrong`. */
export function checkClusterSettings(
  value: unknown,
  checkSelector: SelectorCheck,
):
  | { readonly ok: true; readonly settings: ClusterSettings }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const parsed = parseSettings(value, checkSelector);
  if (!parsed.ok) return parsed;
  const problems = deploymentProblems(parsed.settings);
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, settings: parsed.settings as ClusterSettings };
}

/** What only a deployment needs, and what AWS would refuse minutes later. `parseSettings` has passed. */
function deploymentProblems(settings: Settings): readonly string[] {
  const { cluster, id, autoScalingGroups, alarms, kmsKey, permissionsBoundary } = settings;
  if (cluster === undefined) return ["cluster: missing; a deployment needs cluster: {name, region, account}"];
  const nameLength = reconcileFunctionName(cluster.name, id).length;
  const interval = intervalOf(settings.schedule);
  const { vpc } = cluster;
  const seen = new Set<string>();
  return [
    ...(nameLength > FUNCTION_NAME_LENGTH
      ? [
          `id: "${id}" and the cluster's name are ${nameLength - FUNCTION_NAME_LENGTH} characters too long together ` +
            `for the name of a Lambda function (${FUNCTION_NAME_LENGTH}); choose a shorter id`,
        ]
      : []),
    ...(/^(aws|ssm)/.test(id)
      ? [`id: must not begin with "aws" or "ssm": Systems Manager reserves these for its own parameters`]
      : []),
    ...(interval.ok
      ? interval.longestSeconds > LONGEST_INTERVAL_SECONDS
        ? [
            `schedule: up to ${Math.round(interval.longestSeconds / 3600)} hours pass between two runs; at most ` +
              `${LONGEST_INTERVAL_SECONDS / 3600}, or no alarm can tell that runs are missing`,
          ]
        : []
      : [`schedule: ${interval.problem}`]),
    ...(settings.lifecycle.launch === "abandon" && settings.lifecycle.heartbeat < SHORTEST_HELD_SECONDS
      ? [
          `lifecycle.heartbeat: ${settings.lifecycle.heartbeat} is too short for launch: abandon; waiting machines are looked at every ` +
            `minute, so at least ${SHORTEST_HELD_SECONDS}`,
        ]
      : []),
    ...autoScalingGroups.flatMap((group, index) => {
      const path = `autoScalingGroups[${index}]`;
      if (/[*?:]/.test(group))
        return [
          `${path}: "${group}" holds one of * ? : (a name, not a pattern: permissions are made from it)`,
        ];
      if (seen.has(group)) return [`${path}: "${group}" is there twice`];
      seen.add(group);
      return [];
    }),
    ...[vpc?.id, ...(vpc?.subnets ?? []), ...(vpc?.securityGroups ?? [])].flatMap((it) =>
      it === undefined || /-([0-9a-f]{8}|[0-9a-f]{17})$/.test(it)
        ? []
        : [`cluster.vpc: "${it}" is no id of EC2: these have 8 or 17 hexadecimal digits`],
    ),
    ...(kmsKey !== undefined && kmsKey.split(":")[3] !== cluster.region
      ? [`kmsKey: the key must be in ${cluster.region}: no other region's can encrypt there`]
      : []),
    ...(permissionsBoundary?.startsWith("arn:") === true &&
    ![cluster.account, "aws"].includes(permissionsBoundary.split(":")[4] ?? "")
      ? [`permissionsBoundary: the policy must be of account ${cluster.account}, or one of AWS's own`]
      : []),
    ...(alarms.topicArn !== undefined && alarms.topicArn.split(":")[3] !== cluster.region
      ? [`alarms.topicArn: the topic must be in ${cluster.region}: alarms cannot reach another region`]
      : []),
  ];
}

/** Names that `npm run deploy -- NAME` knows, sorted. */
export function available(folder: string = defaultFolder): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(isSettingsFile)
    .map((file) => basename(file, extname(file)))
    .sort();
}

/** The reference of all settings: a file to read, of no cluster. */
const REFERENCE = "example";

/** Names of the clusters that have settings, sorted. */
export function clustersToDeploy(folder: string = defaultFolder): readonly string[] {
  return available(folder).filter((it) => it !== REFERENCE);
}

function missing(name: string, file: string, folder: string): string {
  if (isSettingsFile(name)) return `There is no file ${show(file)}.`;
  return (
    `There is no ${show(file)}. ${show(folder)} has: ${list(clustersToDeploy(folder))}. ` +
    `For a new cluster: npm run --silent hepctl -- init --cluster ${basename(file, extname(file))} --region REGION`
  );
}

/** Where the value is that a problem (`path: text`) names; its nearest parent when it is not there. */
function offsetOf(document: ReturnType<typeof parseDocument>, problem: string): number | undefined {
  const path = /^([\w-]+(?:\[\d+\]|\.[\w-]+)*): /.exec(problem)?.[1];
  const keys = [...(path ?? "").matchAll(/\[(\d+)\]|([\w-]+)/g)].map(([, index, key]) =>
    index === undefined ? key : Number(index),
  );
  for (let length = keys.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(keys.slice(0, length), true);
    if (typeof node === "object" && node !== null && "range" in node)
      return (node.range as readonly number[] | undefined)?.[0];
  }
  return undefined;
}

function isSettingsFile(name: string): boolean {
  return extname(name) === ".yaml" || extname(name) === ".yml";
}

function refuse(message: string): ClusterSettingsResult {
  return { ok: false, message };
}

function show(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing yet" : names.join(", ");
}
