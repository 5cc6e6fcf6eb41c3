import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { isNativeError } from "node:util/types";
import { EnvHttpProxyAgent, fetch, type Dispatcher } from "undici";
import { intoCache } from "./cache.ts";
import type { Announce } from "./from-go-build.ts";
import { versions, type ReleaseFiles } from "./releases.ts";
import type { SourceAnswer } from "./server-programs.ts";

export type DownloadOptions = {
  readonly cache: string;
  /** Name of the folder in the cache. */
  readonly key: string;
  /** Undefined where nothing is published for this platform. */
  readonly files: ReleaseFiles | undefined;
  readonly announce: Announce;
  /** How long the sums, a few hundred bytes, may take before the network counts as closed. */
  readonly patienceMilliseconds: number;
};

const stallMilliseconds = 20_000;

/**
 * Downloads the official programs and checks their SHA-256 sums. The sums are asked for first: where the network refuses or
 * swallows these, the answer is `absent` within `patienceMilliseconds`, and nothing is printed. A file with the wrong sum is
 * never kept.
 */
export async function fromDownload(options: DownloadOptions): Promise<SourceAnswer> {
  const { cache, key, files, announce } = options;
  if (files === undefined)
    return { kind: "absent", reason: "there is no official kube-apiserver for this platform" };
  const dispatcher = new EnvHttpProxyAgent({
    bodyTimeout: stallMilliseconds,
    headersTimeout: stallMilliseconds,
  });
  try {
    const signal = AbortSignal.timeout(options.patienceMilliseconds);
    const [kubeApiserverSum, etcdSum] = await Promise.all([
      text(files.kubeApiserverSum, dispatcher, signal).then((sum) => sum.trim()),
      text(files.etcdSums, dispatcher, signal).then((sums) => sumOf(sums, files.etcdArchiveName)),
    ]);
    announce(
      `Downloading kube-apiserver ${versions.kubernetes} and etcd ${versions.etcd}: needed once, about 100 MB`,
    );
    const programs = await intoCache(cache, key, async (folder) => {
      const archive = join(folder, "etcd.tar.gz");
      await Promise.all([
        save(files.kubeApiserver, kubeApiserverSum, join(folder, "kube-apiserver"), dispatcher),
        save(files.etcdArchive, etcdSum, archive, dispatcher),
      ]);
      await unpack(archive, files.etcdMember, join(folder, "etcd"));
      await chmod(join(folder, "kube-apiserver"), 0o755);
    });
    return { kind: "found", programs };
  } catch (error) {
    return { kind: "absent", reason: `the official programs cannot be downloaded: ${causeOf(error)}` };
  } finally {
    await dispatcher.destroy();
  }
}

async function text(url: string, dispatcher: Dispatcher, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { dispatcher, signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

function sumOf(sums: string, file: string): string {
  const line = sums.split("\n").find((candidate) => candidate.trim().endsWith(` ${file}`));
  const sum = line?.trim().split(/\s+/)[0];
  if (sum === undefined) throw new Error(`no checksum is published for ${file}`);
  return sum;
}

/** Streams a file to disk; throws, and leaves nothing, when its sum is another one. */
async function save(url: string, expectedSum: string, target: string, dispatcher: Dispatcher): Promise<void> {
  const response = await fetch(url, { dispatcher });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body), hashing, createWriteStream(target));
  const sum = hash.digest("hex");
  if (sum === expectedSum) return;
  await rm(target, { force: true });
  throw new Error(`${url} has the SHA-256 sum ${sum} instead of ${expectedSum}`);
}

async function unpack(archive: string, member: string, target: string): Promise<void> {
  const folder = `${archive}.unpacked`;
  await mkdir(folder);
  await promisify(execFile)("tar", ["-xzf", archive, "-C", folder, member]);
  await rename(join(folder, member), target);
  await chmod(target, 0o755);
  await rm(folder, { recursive: true });
  await rm(archive);
}

/** `fetch failed` says nothing; what is behind it does. */
function causeOf(error: unknown): string {
  // Not instanceof: under jest the errors of node:net come from another realm.
  if (!isNativeError(error)) return String(error);
  return isNativeError(error.cause) ? causeOf(error.cause) : error.message;
}
