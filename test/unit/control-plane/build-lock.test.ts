import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withBuildLock } from "../../control-plane/binaries/build-lock.ts";

const timing = { pollMilliseconds: 5, beatMilliseconds: 20, staleMilliseconds: 200 };
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-test-"));
  file = join(folder, "not", "yet", "there", "build.lock");
});
afterEach(() => rm(folder, { recursive: true }));

const nobodyWaits = (): void => {
  throw new Error("waited");
};

async function leaveLock(owner: string, ageMilliseconds: number): Promise<void> {
  await withBuildLock(file, nobodyWaits, async () => undefined, timing);
  await writeFile(file, owner);
  const touched = new Date(Date.now() - ageMilliseconds);
  await utimes(file, touched, touched);
}

/** A process id that was somebody's and is nobody's now. */
function deadProcess(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}

describe("the lock of the build", () => {
  test("gives the work's result and leaves no file", async () => {
    expect(await withBuildLock(file, nobodyWaits, async () => "built", timing)).toBe("built");
    expect(await readdir(join(file, ".."))).toEqual([]);
  });

  test("is let go when the work fails", async () => {
    const failing = withBuildLock(file, nobodyWaits, () => Promise.reject(new Error("no disk")), timing);
    await expect(failing).rejects.toThrow("no disk");
    expect(await withBuildLock(file, nobodyWaits, async () => "next", timing)).toBe("next");
  });

  test("lets one in at a time, longer than a lock may go untouched, and tells the others that they wait", async () => {
    let inside = 0;
    let most = 0;
    const waits: number[] = [];
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(timing.staleMilliseconds * 2);
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withBuildLock(file, (waited) => waits.push(waited), work, timing)));
    expect(most).toBe(1);
    expect(Math.max(...waits)).toBeGreaterThan(timing.staleMilliseconds);
  });

  test("a lock of a dead process of this machine is taken over at once", async () => {
    await leaveLock(`${hostname()} ${deadProcess()} x`, 0);
    const waits: number[] = [];
    await withBuildLock(
      file,
      (waited) => waits.push(waited),
      async () => undefined,
      timing,
    );
    expect(waits.length).toBe(1);
  });

  test("a lock of another machine is respected while it is fresh, and taken over when it is not", async () => {
    await leaveLock("another-machine 1 x", 0);
    const waits: number[] = [];
    await withBuildLock(
      file,
      (waited) => waits.push(waited),
      async () => undefined,
      timing,
    );
    expect(Math.max(...waits)).toBeGreaterThan(timing.staleMilliseconds / 2);
  });

  test("a lock of a living process that went silent is taken over, by one of many", async () => {
    await leaveLock(`${hostname()} ${process.pid} x`, timing.staleMilliseconds * 10);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(10);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withBuildLock(file, () => undefined, work, timing)));
    expect(most).toBe(1);
    expect(await readdir(join(file, ".."))).toEqual([]);
  });
});
