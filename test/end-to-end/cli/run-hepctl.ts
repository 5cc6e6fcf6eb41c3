/** `hepctl` as a person runs it: a child process of the launcher, with an environment of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

export type Ran = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Resolves when stderr has had a match; rejects when the process ends before. */
  readonly says: (pattern: RegExp, times?: number) => Promise<void>;
  /** What it has said on stderr so far. */
  readonly stderr: () => string;
};

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Where it is started (default: where the tests are). */
  readonly folder?: string;
};

const launcher = join(import.meta.dirname, "..", "..", "..", "functions", "cli", "hepctl.mjs");

export function startHepctl(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [launcher, ...args], {
    // Nothing of the person who runs the tests: no kubeconfig, no AWS profile, no NO_COLOR.
    env: { PATH: process.env["PATH"], HOME: join(tmpdir(), "nobody"), ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  const says = (pattern: RegExp, times = 1) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if ([...stderr.matchAll(new RegExp(pattern, "g"))].length < times) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => {
        reject(new Error(`hepctl ended before it said ${String(pattern)} ${times} times: ${stderr}`));
      });
    });
  return { child, ended, says, stderr: () => stderr };
}

export function runHepctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return startHepctl(args, options).ended;
}

/** The one line that a mistake gets; fails when there are more or fewer. */
export function onlyLine(text: string): string {
  const lines = text.split("\n").filter((it) => it !== "");
  if (lines.length !== 1) throw new Error(`not one line but ${lines.length}:\n${text}`);
  return lines[0] ?? "";
}

/** Path of a settings file with this text. */
export async function settingsFile(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), "hepctl-settings-")), "cluster.yaml");
  await writeFile(file, text);
  return file;
}
