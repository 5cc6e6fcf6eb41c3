import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runSupervised } from "../processes/start-supervised.ts";
import { buildKey, intoCache, type BuildInputs } from "./cache.ts";
import { versions } from "./releases.ts";
import type { SourceAnswer } from "./server-programs.ts";

/** Prints one line of progress for a person. */
export type Announce = (line: string) => void;

const progressEveryMilliseconds = 10_000;

/** What a person has in GOFLAGS or in a workspace file must not change a build that the key does not know of. */
const goEnvironment = { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" } as const;

/** The version of the Go on PATH for this module, such as `go1.26.8`; undefined when there is none. */
export async function goVersion(serverFolder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"], {
      cwd: serverFolder,
      env: { ...process.env, ...goEnvironment },
    });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/**
 * Builds the programs from the pinned sources: about five minutes the first time, seconds when Go's own cache is warm.
 * Both are one program under two names (see `server/main.go`).
 */
export async function fromGoBuild(
  cache: string,
  inputs: BuildInputs,
  announce: Announce,
): Promise<SourceAnswer> {
  const { goVersion } = inputs;
  if (goVersion === undefined) return { kind: "absent", reason: "Go is not installed (no go on PATH)" };
  const key = await buildKey({ ...inputs, goVersion });
  try {
    const programs = await intoCache(cache, key, async (folder) => {
      await build(inputs.serverFolder, folder, announce);
      for (const name of ["kube-apiserver", "etcd"]) await symlink("control-plane", join(folder, name));
    });
    return { kind: "found", programs };
  } catch (error) {
    return {
      kind: "absent",
      reason: `the Go build failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

async function build(serverFolder: string, folder: string, announce: Announce): Promise<void> {
  const began = Date.now();
  const what = `Building kube-apiserver ${versions.kubernetes} and etcd ${versions.etcd} with Go`;
  const log = join(folder, "go-build.log");
  announce(`${what}: needed once, about 5 minutes`);
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1000);
    announce(`${what}: ${progressIn(log)}, ${seconds} s so far`);
  }, progressEveryMilliseconds);
  try {
    await runSupervised(folder, {
      name: "go-build",
      file: "go",
      args: buildArguments(join(folder, "control-plane")),
      workingFolder: serverFolder,
      environment: goEnvironment,
    });
  } finally {
    clearInterval(timer);
  }
  await rm(log);
}

/** `go build -v` prints a line `go: downloading …` per module that it fetches, and one per package that it compiles. */
function progressIn(log: string): string {
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const fetched = lines.filter((line) => line.startsWith("go: ")).length;
  const compiled = lines.length - fetched;
  if (compiled > 0) return `${compiled} of about 2,000 packages compiled`;
  return fetched > 0 ? `${fetched} modules fetched` : "nothing to compile, linking";
}

/** Flags of `go build`. The version that the server names itself by is set by the linker, as in the official build. */
function buildArguments(output: string): readonly string[] {
  const [major, minor] = versions.kubernetes.slice(1).split(".");
  const version = "k8s.io/component-base/version";
  const link = [
    "-s -w",
    `-X ${version}.gitMajor=${major}`,
    `-X ${version}.gitMinor=${minor}`,
    `-X ${version}.gitVersion=${versions.kubernetes}`,
  ];
  return [
    "build",
    "-v",
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    `-ldflags=${link.join(" ")}`,
    "-o",
    output,
    ".",
  ];
}
