/**
 * Where kube-apiserver and etcd come from. In: the environment. Out: paths of two programs, or every reason why not.
 * The first that has them wins: KUBEBUILDER_ASSETS, the user's cache, a download of the official ones, a Go build.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withBuildLock } from "./build-lock.ts";
import { cacheFolder, downloadKey, fromCache, type BuildInputs, type Environment } from "./cache.ts";
import { fromAssets } from "./from-assets.ts";
import { fromDownload } from "./from-download.ts";
import { fromGoBuild, goVersion, type Announce } from "./from-go-build.ts";
import { releaseFiles, releaseHosts, versions } from "./releases.ts";
import type { ServerPrograms, SourceAnswer } from "./server-programs.ts";

/** No kube-apiserver and etcd can be had; the message says what was tried and what to install. */
export class NoControlPlaneError extends Error {
  constructor(reasons: readonly string[]) {
    const tried = reasons.map((reason) => `  - ${reason}`).join("\n");
    super(
      `There is no kube-apiserver and etcd to run:\n${tried}\n` +
        "Install Go 1.24 or newer (it builds them once, about 5 minutes), or set KUBEBUILDER_ASSETS to a folder that " +
        "holds kube-apiserver and etcd (setup-envtest prints one).",
    );
    this.name = "NoControlPlaneError";
  }
}

/** The places that are asked, in their order; those after the cache write into it, under the lock. */
export type ProgramSources = {
  readonly assets: () => Promise<SourceAnswer>;
  readonly cache: () => Promise<SourceAnswer>;
  readonly download: () => Promise<SourceAnswer>;
  readonly build: () => Promise<SourceAnswer>;
  readonly locked: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

const serverFolder = fileURLToPath(new URL("../server", import.meta.url));
const downloadPatienceMilliseconds = 3_000;
const announceWaitEveryMilliseconds = 10_000;

/** The programs for this machine. Prints progress on stderr when they must be made first. Throws `NoControlPlaneError`. */
export async function locatePrograms(environment: Environment = process.env): Promise<ServerPrograms> {
  return firstFound(sourcesFor(environment, (line) => process.stderr.write(`${line}\n`)));
}

/** Asks each place in turn. Throws `NoControlPlaneError` with every reason when none has the programs. */
export async function firstFound(sources: ProgramSources): Promise<ServerPrograms> {
  const reasons: string[] = [];
  const ask = async (
    places: readonly (() => Promise<SourceAnswer>)[],
  ): Promise<ServerPrograms | undefined> => {
    for (const place of places) {
      const answer = await place();
      if (answer.kind === "found") return answer.programs;
      if (!reasons.includes(answer.reason)) reasons.push(answer.reason);
    }
    return undefined;
  };
  const programs =
    (await ask([sources.assets, sources.cache])) ??
    // Whoever held the lock before us may have filled the cache meanwhile.
    (await sources.locked(() => ask([sources.cache, sources.download, sources.build])));
  if (programs === undefined) throw new NoControlPlaneError(reasons);
  return programs;
}

function sourcesFor(environment: Environment, announce: Announce): ProgramSources {
  const { platform, arch } = process;
  const cache = cacheFolder(environment);
  const inputs = async (): Promise<BuildInputs> => ({
    serverFolder,
    platform,
    arch,
    goVersion: await goVersion(serverFolder),
  });
  const download = downloadKey(versions, platform, arch);
  return {
    assets: () => fromAssets(environment["KUBEBUILDER_ASSETS"]),
    cache: async () => fromCache(cache, download, await inputs()),
    download: () =>
      fromDownload({
        cache,
        key: download,
        files: releaseFiles(releaseHosts, platform, arch),
        announce,
        patienceMilliseconds: downloadPatienceMilliseconds,
      }),
    build: async () => fromGoBuild(cache, await inputs(), announce),
    locked: (work) => withBuildLock(join(cache, "build.lock"), announceWaits(announce), work),
  };
}

/** A line now and then for whoever waits for another process's build. */
function announceWaits(announce: Announce): (waitedMilliseconds: number) => void {
  let next = 0;
  return (waited) => {
    if (waited < next) return;
    next = waited + announceWaitEveryMilliseconds;
    announce(
      `Waiting for another process to build kube-apiserver and etcd: ${Math.round(waited / 1000)} s so far`,
    );
  };
}
