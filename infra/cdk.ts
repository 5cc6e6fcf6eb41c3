/**
 * The command behind `npm run synth|diff|deploy|destroy -- NAME [ARG ...]`: checks the settings, then runs the CDK command line
 * that package.json pins. Further arguments go to CDK as they are.
 *
 * In: arguments, and how to check selectors. Out: an exit code; 64 when the arguments or the settings are wrong.
 * Must never happen: CDK starts with settings that cannot work; or `destroy` waits for a cluster that is gone.
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

const COMMANDS = ["synth", "diff", "deploy", "destroy"] as const;
type Command = (typeof COMMANDS)[number];

const USAGE_ERROR = 64;

export async function runCdk(
  [command, name, ...rest]: readonly string[],
  checkSelector: SelectorCheck,
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
  switch (command) {
    case "synth": {
      const code = await run("--quiet");
      if (code === 0)
        say(`${settings.cluster.name}: template in ${output}, RBAC in ${join(output, RBAC_FILE)}`);
      return code;
    }
    case "diff":
      return run();
    case "deploy":
      await letHooksGo("deploy", settings, file, steps);
      return run();
    case "destroy":
      if (settings.onDestroy === "keep") {
        say(`The HostEndpoints of ${settings.cluster.name} stay as they are (onDestroy: keep).`);
        await letHooksGo("destroy", settings, file, steps);
        return run();
      }
      if (!rest.includes("--force") && !(await isConfirmed(settings))) return USAGE_ERROR;
      await removeHostEndpoints(settings, file);
      await letHooksGo("destroy", settings, file, steps);
      return run(...(rest.includes("--force") ? [] : ["--force"]));
  }
}

function isCommand(word: string | undefined): word is Command {
  return COMMANDS.some((it) => it === word);
}

/** Removing endpoints cannot be taken back by answering CDK's own question with no: so it is asked here, before. */
async function isConfirmed({ cluster }: ClusterSettings): Promise<boolean> {
  const what = `onDestroy: remove deletes every HostEndpoint that we own in ${cluster.name}, and then the stack.`;
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
async function removeHostEndpoints({ cluster, id }: ClusterSettings, file: string): Promise<void> {
  say(`Removing the HostEndpoints of ${cluster.name} ...`);
  const code = await steps.hepctl("invoke", "release", "--config", file, "--yes", "--timeout", "5m");
  if (code !== 0)
    say(
      `${releaseFunctionName(cluster.name, id)} did not remove them (exit code ${code}). The stack goes all the same. ` +
        `If the cluster still exists: hepctl release --cluster ${cluster.name} --region ${cluster.region} --yes`,
    );
}

const steps: Steps = {
  hepctl: (...args) => start(process.execPath, [join(root, "functions", "cli", "main.ts"), ...args]),
  say,
};

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
