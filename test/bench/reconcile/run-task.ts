import { build } from "esbuild";
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TaskRequest, TaskResult } from "./task-process.ts";

const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));

export type Tasks = {
  /** Runs one task in a process of its own. */
  run(request: TaskRequest): Promise<TaskResult>;
  /** Removes the bundle. */
  remove(): Promise<void>;
};

/** Bundles the task as the Lambda and hepctl are bundled: nobody runs TypeScript sources in production, which cost 60 MB. */
export async function bundleTasks(): Promise<Tasks> {
  const folder = await mkdtemp(join(projectRoot, "node_modules", ".bench-"));
  const file = join(folder, "task.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./task-process.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "error",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return {
    run: (request) => runTask(file, request),
    remove: () => rm(folder, { recursive: true }),
  };
}

function runTask(file: string, request: TaskRequest): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], { execArgv: [] });
    let result: TaskResult | undefined;
    child.on("message", (message) => {
      result = message as TaskResult;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (result === undefined)
        reject(new Error(`the task ${request.task.kind} ended with code ${code} and no result`));
      else resolve(result);
    });
    child.send(request);
  });
}
