/**
 * The process between a control plane and whoever started it.
 *
 *     node supervisor.ts SPEC   (SPEC: JSON of SupervisedPrograms)
 *
 * Its standard input is a pipe that its owner holds. When that pipe closes, because the owner stopped it, ended, crashed
 * or was killed with SIGKILL, the programs are killed and their folder is removed. When one program ends by itself the
 * others are killed too, so that half a control plane never lives on. It runs in a process group of its own: Ctrl-C reaches the
 * owner, which decides.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type SupervisedPrograms } from "./supervised-programs.ts";

const { folder, programs } = JSON.parse(process.argv[2] ?? "") as SupervisedPrograms;
const running = new Set<ChildProcess>();
let ending = false;

/** Kills what runs and leaves with `exitCode` once all of it is gone. The data is throw-away: no grace is needed. */
function end(exitCode: number): void {
  if (ending) return;
  ending = true;
  const leave = (): void => {
    if (running.size > 0) return;
    if (exitCode === exitCodes.ownerLeft) rmSync(folder, { recursive: true, force: true });
    process.exit(exitCode);
  };
  for (const child of running) {
    child.once("close", leave);
    child.kill("SIGKILL");
  }
  leave();
}

for (const { name, file, args, workingFolder, environment } of programs) {
  const log = openSync(join(folder, `${name}.log`), "a");
  const child = spawn(file, args, {
    // The pipe to each program is the second lock: our own build ends when this supervisor is gone too.
    stdio: ["pipe", log, log],
    cwd: workingFolder ?? folder,
    env: { ...process.env, ...environment },
  });
  running.add(child);
  child.once("error", (error) => {
    writeSync(log, `${error.message}\n`);
    running.delete(child);
    end(exitCodes.programFailed);
  });
  child.once("close", (code) => {
    running.delete(child);
    end(code === 0 ? exitCodes.programSucceeded : exitCodes.programFailed);
  });
}

const endWithOwner = (): void => end(exitCodes.ownerLeft);
process.stdin.on("end", endWithOwner);
process.stdin.on("error", endWithOwner);
process.stdin.resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, endWithOwner);
