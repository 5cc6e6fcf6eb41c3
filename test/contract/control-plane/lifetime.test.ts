import { expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startControlPlane } from "../../control-plane/control-plane.ts";
import { describeWhereControlPlaneRuns } from "../../control-plane/describe-with-control-plane.ts";
import { childrenOf, exists } from "./process-table.ts";

const ownerProcess = fileURLToPath(new URL("./owner-process.ts", import.meta.url));
const goneWithinMilliseconds = 5_000;

async function isListening(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Everything that a control plane is made of, by name, as long as it is there. */
async function remains(
  place: { supervisorId: number; folder: string; url: string },
  programs: readonly number[],
) {
  return [
    ...(exists(place.supervisorId) ? ["supervisor"] : []),
    ...programs.filter(exists).map((id) => `program ${id}`),
    ...(existsSync(place.folder) ? ["folder"] : []),
    ...((await isListening(place.url)) ? ["port"] : []),
  ];
}

async function waitUntilGone(
  place: { supervisorId: number; folder: string; url: string },
  programs: readonly number[],
): Promise<readonly string[]> {
  const deadline = Date.now() + goneWithinMilliseconds;
  for (;;) {
    const left = await remains(place, programs);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(20);
  }
}

describeWhereControlPlaneRuns("the life of a control plane", () => {
  test("two at a time are two clusters, and each goes alone", async () => {
    const [first, second] = await Promise.all([startControlPlane(), startControlPlane()]);
    try {
      await first.apply([{ apiVersion: "v1", kind: "Node", metadata: { name: "only-in-the-first" } }]);
      const { items } = await second.admin.list("/api/v1/nodes");
      expect(items).toEqual([]);
      const programs = childrenOf(first.supervisorId);
      expect(programs.length).toBe(2);
      await first.stop();
      expect(await remains(first, programs)).toEqual([]);
      await second.admin.request("GET", "/readyz");
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });

  test("leaving the block that holds it stops it, and stopping twice is no error", async () => {
    const { supervisorId, folder, url, stop } = await (async () => {
      await using controlPlane = await startControlPlane({ definitions: "none" });
      return controlPlane;
    })();
    expect(await remains({ supervisorId, folder, url }, [])).toEqual([]);
    await stop();
  });

  test.each(["SIGKILL", "SIGINT"] as const)("an owner that dies of %s leaves nothing", async (signal) => {
    const owner = spawn(process.execPath, [ownerProcess], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(owner.stdout.setEncoding("utf8"), "data")) as [string];
    const place = JSON.parse(line) as { supervisorId: number; folder: string; url: string };
    const programs = childrenOf(place.supervisorId);
    expect(await remains(place, programs)).toEqual([
      "supervisor",
      ...programs.map((id) => `program ${id}`),
      "folder",
      "port",
    ]);
    owner.kill(signal);
    await once(owner, "exit");
    expect(await waitUntilGone(place, programs)).toEqual([]);
  });

  test("a supervisor that is killed takes its programs along", async () => {
    const controlPlane = await startControlPlane({ definitions: "none" });
    const programs = childrenOf(controlPlane.supervisorId);
    process.kill(controlPlane.supervisorId, "SIGKILL");
    const deadline = Date.now() + goneWithinMilliseconds;
    while (programs.some(exists) && Date.now() < deadline) await sleep(20);
    expect(programs.filter(exists)).toEqual([]);
    await controlPlane.stop();
    expect(existsSync(controlPlane.folder)).toBe(false);
  });

  test("when one program dies the other goes too: no half control plane", async () => {
    const controlPlane = await startControlPlane({ definitions: "none" });
    const programs = childrenOf(controlPlane.supervisorId);
    process.kill(programs[0] ?? 0, "SIGKILL");
    expect(await waitUntilGone(controlPlane, programs)).toEqual([]);
    await controlPlane.stop();
  });

  test("a flag that the server does not know is told with the server's own words", async () => {
    await expect(startControlPlane({ flags: ["--no-such-flag"] })).rejects.toThrow(
      "unknown flag: --no-such-flag",
    );
  });
});
