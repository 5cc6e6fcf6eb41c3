import { spawn } from "node:child_process";

export type CommandOptions = {
  readonly workingFolder: string;
  readonly environment?: Readonly<Record<string, string>>;
};

const lastCharacters = 2_000;

/** Runs a command; rejects with the end of its output when it fails, or when there is no such program. Answers its output. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], {
      cwd: options.workingFolder,
      env: { ...process.env, NODE_OPTIONS: "", ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const gather = (chunk: Buffer) => (output += chunk.toString("utf8"));
    child.stdout.on("data", gather);
    child.stderr.on("data", gather);
    child.once("error", (error) => reject(new Error(`${file}: ${error.message}`)));
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`${[file, ...args].join(" ")} ended with ${code}:\n${output.slice(-lastCharacters)}`),
        );
    });
  });
}
