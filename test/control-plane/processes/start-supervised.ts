import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes, type SupervisedProgram, type SupervisedPrograms } from "./supervised-programs.ts";

/** Programs that run now. They are gone, with their folder, after `stop` and whenever this process ends. */
export type RunningPrograms = {
  /** Process id of the supervisor, the parent of the programs. */
  readonly supervisorId: number;
  /** Rejects when a program ends although nobody asked it to, with the end of each program's log. */
  readonly failure: Promise<never>;
  /** The end of each program's log, for a person who asks why it does not work. */
  readonly logs: () => string;
  /** Ends the programs and removes their folder; safe to call twice. Resolves when all of it is gone. */
  readonly stop: () => Promise<void>;
};

const supervisor = fileURLToPath(new URL("./supervisor.ts", import.meta.url));
const linesOfLog = 15;

/** Starts programs that are to run on, under a supervisor that ends with this process, however this process ends. */
export function startSupervised(programs: SupervisedPrograms): RunningPrograms {
  const { child, exited } = spawnSupervisor(programs);
  let stopping = false;
  const failure = exited.then(async (): Promise<never> => {
    if (stopping) return new Promise<never>(() => undefined);
    const error = new Error(`the control plane ended by itself\n${logsOf(programs)}`);
    rmSync(programs.folder, { recursive: true, force: true });
    throw error;
  });
  failure.catch(() => undefined);
  // A forgotten stop must not keep the owner alive: its end is what ends the programs.
  child.unref();
  return {
    supervisorId: child.pid ?? 0,
    failure,
    logs: () => logsOf(programs),
    stop: async () => {
      stopping = true;
      child.ref();
      child.stdin.end();
      await exited;
      rmSync(programs.folder, { recursive: true, force: true });
    },
  };
}

/**
 * Runs one program to its end, under a supervisor: should this process die first, the program is killed and the folder
 * removed. Throws with the end of its log when it fails; the folder stays in either case.
 */
export async function runSupervised(folder: string, program: SupervisedProgram): Promise<void> {
  const programs = { folder, programs: [program] };
  const [code] = (await spawnSupervisor(programs).exited) as [number | null];
  if (code !== exitCodes.programSucceeded) throw new Error(`${program.name} failed\n${logsOf(programs)}`);
}

function spawnSupervisor(programs: SupervisedPrograms) {
  const child = spawn(process.execPath, [supervisor, JSON.stringify(programs)], {
    stdio: ["pipe", "ignore", "inherit"],
    detached: true,
    env: { ...process.env, NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
  child.stdin.on("error", () => undefined);
  return { child, exited: once(child, "exit") };
}

function logsOf({ folder, programs }: SupervisedPrograms): string {
  return programs.map(({ name }) => endOfLog(folder, name)).join("\n");
}

function endOfLog(folder: string, name: string): string {
  const file = join(folder, `${name}.log`);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-linesOfLog) : [];
  return [`--- ${name}`, ...lines].join("\n");
}
