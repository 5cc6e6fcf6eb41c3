import { describe, expect, test } from "@jest/globals";
import {
  firstFound,
  locatePrograms,
  NoControlPlaneError,
  type ProgramSources,
} from "../../control-plane/binaries/locate-programs.ts";
import type { SourceAnswer } from "../../control-plane/binaries/server-programs.ts";

const places = ["assets", "cache", "download", "build"] as const;
type Place = (typeof places)[number];

/** Sources of which only some have the programs; `asked` records who was asked, and who under the lock. */
function sourcesWith(having: readonly Place[], cacheFillsWhileWaiting = false) {
  const asked: string[] = [];
  let locked = false;
  const ask = (place: Place) => async (): Promise<SourceAnswer> => {
    asked.push(locked ? `locked ${place}` : place);
    const has = having.includes(place) || (cacheFillsWhileWaiting && locked && place === "cache");
    return has
      ? { kind: "found", programs: { kubeApiserver: `${place}/kube-apiserver`, etcd: `${place}/etcd` } }
      : { kind: "absent", reason: `no ${place}` };
  };
  const sources: ProgramSources = {
    assets: ask("assets"),
    cache: ask("cache"),
    download: ask("download"),
    build: ask("build"),
    locked: async (work) => {
      locked = true;
      try {
        return await work();
      } finally {
        locked = false;
      }
    },
  };
  return { sources, asked };
}

describe("where kube-apiserver and etcd come from", () => {
  test.each([
    { having: places, from: "assets", asked: ["assets"] },
    { having: ["cache", "download", "build"], from: "cache", asked: ["assets", "cache"] },
    {
      having: ["download", "build"],
      from: "download",
      asked: ["assets", "cache", "locked cache", "locked download"],
    },
    {
      having: ["build"],
      from: "build",
      asked: ["assets", "cache", "locked cache", "locked download", "locked build"],
    },
  ] as const)("$from wins when $having have them", async ({ having, from, asked }) => {
    const world = sourcesWith(having);
    expect(await firstFound(world.sources)).toEqual({
      kubeApiserver: `${from}/kube-apiserver`,
      etcd: `${from}/etcd`,
    });
    expect(world.asked).toEqual(asked);
  });

  test("what another process built while we waited for the lock is used, not built again", async () => {
    const world = sourcesWith(["build"], true);
    expect((await firstFound(world.sources)).etcd).toBe("cache/etcd");
    expect(world.asked).not.toContain("locked build");
  });

  test("when nobody has them, the error gives each reason once and says what to install", async () => {
    const failure = firstFound(sourcesWith([]).sources);
    await expect(failure).rejects.toThrow(NoControlPlaneError);
    await expect(failure).rejects.toThrow(/no assets\n.*no cache\n.*no download\n.*no build\n[^]*Install Go/);
  });

  test("KUBEBUILDER_ASSETS that points nowhere is an error, not a reason to look elsewhere", async () => {
    await expect(locatePrograms({ KUBEBUILDER_ASSETS: "/nowhere" })).rejects.toThrow(
      "KUBEBUILDER_ASSETS is /nowhere, which has no executable kube-apiserver and etcd",
    );
  });
});
