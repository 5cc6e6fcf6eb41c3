import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { programsIn, type ServerPrograms, type SourceAnswer } from "./server-programs.ts";

/** Everything that a build of the programs depends on. */
export type BuildInputs = {
  /** Folder of the Go module. */
  readonly serverFolder: string;
  readonly platform: string;
  readonly arch: string;
  /** As `go env GOVERSION` says it; undefined without Go, and then a build of any Go version serves. */
  readonly goVersion: string | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** This project's folder in the user's cache: `$XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheFolder(environment: Environment): string {
  const home = environment["XDG_CACHE_HOME"];
  const base = home === undefined || home === "" ? join(environment["HOME"] ?? homedir(), ".cache") : home;
  return join(base, "hostendpoint-reconciler", "control-plane");
}

/** Name of a build's folder: it changes whenever a source, a pinned sum, the platform or the compiler does. */
export async function buildKey(inputs: BuildInputs & { readonly goVersion: string }): Promise<string> {
  return `${await sourceKey(inputs)}${inputs.goVersion.replaceAll(/[^\w.-]/g, "_")}`;
}

/** Name of the folder of the downloaded programs of these versions. */
export function downloadKey(
  versions: Readonly<Record<string, string>>,
  platform: string,
  arch: string,
): string {
  return `official-${Object.values(versions).join("-")}-${platform}-${arch}`;
}

/** Looks for a download, then for a build of exactly these inputs. */
export async function fromCache(cache: string, download: string, inputs: BuildInputs): Promise<SourceAnswer> {
  const { goVersion } = inputs;
  const built =
    goVersion === undefined
      ? await foldersOf(cache, await sourceKey(inputs))
      : [await buildKey({ ...inputs, goVersion })];
  for (const name of [download, ...built]) {
    const programs = await programsIn(join(cache, name));
    if (programs !== undefined) return { kind: "found", programs };
  }
  return { kind: "absent", reason: `nothing built or downloaded yet in ${cache}` };
}

/**
 * Lets `fill` put the programs into a new folder, and moves it into the cache in one step, so that nobody ever sees half of
 * it. When another process was quicker, its result stays.
 */
export async function intoCache(
  cache: string,
  key: string,
  fill: (folder: string) => Promise<void>,
): Promise<ServerPrograms> {
  const target = join(cache, key);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, "draft-"));
  try {
    await fill(draft);
    await rename(draft, target).catch(async (error: unknown) => {
      if ((await programsIn(target)) === undefined) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const programs = await programsIn(target);
  if (programs === undefined) throw new Error(`${target} lacks kube-apiserver or etcd`);
  return programs;
}

async function sourceKey({ serverFolder, platform, arch }: BuildInputs): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(serverFolder)).filter((name) => /^go\.(mod|sum)$|\.go$/.test(name)).sort();
  for (const name of files) {
    const content = await readFile(join(serverFolder, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return `built-${hash.digest("hex").slice(0, 16)}-${platform}-${arch}-`;
}

async function foldersOf(cache: string, prefix: string): Promise<readonly string[]> {
  const names = await readdir(cache).catch(() => []);
  return names.filter((name) => name.startsWith(prefix)).sort();
}
