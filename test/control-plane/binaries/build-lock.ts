import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type LockTiming = {
  /** How often a waiter looks again. */
  readonly pollMilliseconds: number;
  /** How often the holder shows that it lives. */
  readonly beatMilliseconds: number;
  /** A holder that has not shown itself for so long is gone. */
  readonly staleMilliseconds: number;
};

const defaultTiming: LockTiming = {
  pollMilliseconds: 500,
  beatMilliseconds: 5_000,
  staleMilliseconds: 30_000,
};

/**
 * Runs the work while holding the lock file, so that two builders do not do five minutes' work twice. `onWait` hears, at
 * each look, for how many milliseconds somebody else has been holding it.
 *
 * A holder that died is replaced: at once when its process is gone on this machine, else when its file has not been
 * touched for a while. The lock saves work and is no more: should two ever hold it, both fill the cache by an atomic rename.
 */
export async function withBuildLock<Result>(
  file: string,
  onWait: (waitedMilliseconds: number) => void,
  work: () => Promise<Result>,
  timing: LockTiming = defaultTiming,
): Promise<Result> {
  await mkdir(dirname(file), { recursive: true });
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  const began = Date.now();
  while (!(await take(file, owner))) {
    await removeWhenStale(file, timing.staleMilliseconds);
    onWait(Date.now() - began);
    await sleep(timing.pollMilliseconds);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, timing.beatMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await contentOf(file)) === owner) await rm(file, { force: true });
  }
}

/** True when the file did not exist and is ours now. */
async function take(file: string, owner: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(owner);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Two waiters may find the same lock stale. So it is renamed away, which only one of them can do, and looked at again: when
 * it turns out to be a fresh lock that another waiter has just taken, it is put back.
 */
async function removeWhenStale(file: string, staleMilliseconds: number): Promise<void> {
  const owner = await contentOf(file);
  if (owner === undefined || !(await isStale(file, owner, staleMilliseconds))) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await contentOf(aside)) !== owner) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isStale(file: string, owner: string, staleMilliseconds: number): Promise<boolean> {
  const [host, pid] = owner.split(" ");
  if (host === hostname() && pid !== undefined && !isAlive(Number(pid))) return true;
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > staleMilliseconds;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive as well.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
