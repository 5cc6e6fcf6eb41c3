import { execFileSync } from "node:child_process";

/** Process ids of everything that a supervisor started, by asking the operating system. */
export function childrenOf(processId: number): readonly number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === processId)
    .map(([id]) => id ?? 0);
}

/** True while a process of this id exists, whoever owns it. */
export function exists(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
