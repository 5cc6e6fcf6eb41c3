/**
 * The command behind `npm run bootstrap|synth|diff|deploy|destroy -- NAME [ARG ...]`: checks the settings, before a bootstrap or a
 * deployment the account too, then runs the CDK command line that package.json pins. Further arguments go to CDK as they are.
 *
 * In: arguments, and how to check selectors and the account. Out: an exit code; 64 when the arguments or the settings are wrong, 1
 * when the account is not ready. Must never happen: CDK starts with settings that cannot work; or `destroy` waits for a cluster
 * that is gone.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import type { SelectorCheck } from "../lib/config/settings.ts";
import { releaseFunctionName } from "../lib/names/names.ts";
import { letHooksGo, type Steps } from "./before-stack.ts";
import { RBAC_FILE } from "./constructs/cluster-rbac.ts";
import { clustersToDeploy, readClusterSettings } from "./settings.ts";
import type { ClusterSettings } from "./settings.ts";

const root = join(import.meta.dirname, "..");

const COMMANDS = ["bootstrap", "synth", "diff", "deploy", "destroy"] as const;
type Command = (typeof COMMANDS)[number];

const USAGE_ERROR = 64;
const NOT_READY = 1;

/** What lies outside of infra, handed in. */
export type Checks = {
  readonly checkSelector: SelectorCheck;
  /** Asks AWS whether a deployment can succeed. Problems stop it, notes do not. */
  readonly checkDeployment: (
    settings: ClusterSettings,
    request: {
      readonly profile: string | undefined;
      readonly name: string;
      readonly what: "account" | "all";
    },
  ) => Promise<{ readonly problems: readonly string[]; readonly notes: readonly string[] }>;
};

export async function runCdk(
  [command, name, ...rest]: readonly string[],
  { checkSelector, checkDeployment }: Checks,
): Promise<number> {
  if (!isCommand(command))
    return refuse(
      `usage: npm run ${COMMANDS.join("|")} -- NAME [ARG ...]; NAME is one of: ${clustersToDeploy().join(", ") || "none yet (npm run --silent hepctl -- init --cluster NAME)"}`,
    );
  const read = readClusterSettings(name, { checkSelector });
  if (!read.ok) return refuse(read.message);
  const { settings, file } = read;
  const output = join("cdk.out", settings.cluster.region, `${settings.id}-${settings.cluster.name}`);
  const run = (...args: readonly string[]) =>
    cdk([command, "-c", `cluster=${file}`, "--output", output, ...args, ...rest]);
  const profile = optionIn(rest, "--profile");
  const steps = stepsAs(profile);
  /** False, with every problem said, when the account is not ready. */
  const isReady = async (what: "account" | "all") => {
    const { problems, notes } = await checkDeployment(settings, { profile, name: name ?? "", what });
    for (const note of notes) say(`note: ${note}`);
    if (problems.length > 0) say([`Not ready to ${command} ${placeOf(settings)}:`, ...problems].join("\n  "));
    return problems.length === 0;
  };
  switch (command) {
    case "bootstrap":
      if (!(await isReady("account"))) return NOT_READY;
      return cdk(["bootstrap", `aws://${settings.cluster.account}/${settings.cluster.region}`, ...rest]);
    case "synth": {
      const code = await run("--quiet");
      if (code === 0)
        say(`${settings.cluster.name}: template in ${output}, RBAC in ${join(output, RBAC_FILE)}`);
      return code;
    }
    case "diff":
      return run();
    case "deploy":
      if (!(await isReady("all"))) return NOT_READY;
      say(`Deploying to ${placeOf(settings)} ...`);
      await letHooksGo("deploy", settings, file, steps);
      return run();
    case "destroy":
      if (settings.onDestroy === "keep") {
        say(
          `Destroying the stack of ${placeOf(settings)}; its HostEndpoints stay as they are (onDestroy: keep).`,
        );
        await letHooksGo("destroy", settings, file, steps);
        return run();
      }
      if (!rest.includes("--force") && !(await isConfirmed(settings))) return USAGE_ERROR;
      await removeHostEndpoints(settings, file, steps);
      await letHooksGo("destroy", settings, file, steps);
      return run(...(rest.includes("--force") ? [] : ["--force"]));
  }
}

/** Which cluster, so that nobody does to one what was meant for another. */
function placeOf({ cluster: { name, region, account } }: ClusterSettings): string {
  return `cluster ${name} in ${region} of account ${account}`;
}

/** Value of `--profile NAME` or `--profile=NAME` among arguments for CDK. */
function optionIn(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((it) => it === name || it.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at] === name ? args[at + 1] : args[at]?.slice(name.length + 1);
}

function isCommand(word: string | undefined): word is Command {
  return COMMANDS.some((it) => it === word);
}

/** Removing endpoints cannot be taken back by answering CDK's own question with no: so it is asked here, before. */
async function isConfirmed(settings: ClusterSettings): Promise<boolean> {
  const { cluster } = settings;
  const what = `onDestroy: remove deletes every HostEndpoint that we own in ${placeOf(settings)}, and then the stack.`;
  if (!process.stdin.isTTY) {
    say(`${what} There is no terminal to ask: add --force.`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${what} Type the name of the cluster to go on: `);
  terminal.close();
  if (answer.trim() === cluster.name) return true;
  say("Nothing was done.");
  return false;
}

/**
 * Asks the break-glass function (five minutes are its own time limit), which also keeps scheduled runs from making the endpoints
 * again. Best effort: whatever comes of it, the stack goes, for the cluster may be gone already.
 */
async function removeHostEndpoints(settings: ClusterSettings, file: string, steps: Steps): Promise<void> {
  const { cluster, id } = settings;
  say(`Removing the HostEndpoints of ${placeOf(settings)} ...`);
  const code = await steps.hepctl("invoke", "release", "--config", file, "--yes", "--timeout", "5m");
  if (code !== 0)
    say(
      `${releaseFunctionName(cluster.name, id)} did not remove them (exit code ${code}). The stack goes all the same. ` +
        `If the cluster still exists: hepctl release --cluster ${cluster.name} --region ${cluster.region} --yes`,
    );
}

/** With the AWS profile that CDK gets too. */
function stepsAs(profile: string | undefined): Steps {
  const as = profile === undefined ? [] : ["--profile", profile];
  return {
    hepctl: (...args) => start(process.execPath, [join(root, "functions", "cli", "main.ts"), ...args, ...as]),
    say,
  };
}

function cdk(args: readonly string[]): Promise<number> {
  return start(process.execPath, [fileURLToPath(import.meta.resolve("aws-cdk/bin/cdk")), ...args]);
}

/** Runs a program in the foreground. Exit code 1 when it cannot be started or was killed. */
function start(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: "inherit",
      // Nothing leaves the machine but what the deployment needs.
      env: { ...process.env, CDK_DISABLE_VERSION_CHECK: "1", CDK_DISABLE_CLI_TELEMETRY: "true" },
    });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

function refuse(message: string): number {
  say(message);
  return USAGE_ERROR;
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
