import { spawn } from "node:child_process";
import { dirname } from "node:path";
import type { Ran } from "../cli/run-hepctl.ts";

export type Surroundings = {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
};

/** Runs a program in a folder, with this environment and nothing else of ours but the Node that runs the tests. */
export function runProgram(
  file: string,
  args: readonly string[],
  { folder, environment }: Surroundings,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd: folder,
      env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
