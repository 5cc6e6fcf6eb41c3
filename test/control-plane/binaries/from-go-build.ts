import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildKey, intoCache, type BuildInputs } from "./cache.ts";
import { versions } from "./releases.ts";
import type { SourceAnswer } from "./server-programs.ts";

/** Prints one line of progress for a person. */
export type Announce = (line: string) => void;

const progressEveryMilliseconds = 10_000;
const linesOfError = 20;

/** The version of the Go on PATH for this module, such as `go1.26.8`; undefined when there is none. */
export async function goVersion(serverFolder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"], { cwd: serverFolder });
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
      await build(inputs.serverFolder, join(folder, "control-plane"), announce);
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

async function build(serverFolder: string, output: string, announce: Announce): Promise<void> {
  const began = Date.now();
  let compiled = 0;
  let tail: string[] = [];
  const report = (): void => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const done = compiled === 0 ? "fetching sources" : `${compiled} packages compiled`;
    announce(
      `Building kube-apiserver ${versions.kubernetes} and etcd ${versions.etcd} with Go: ${done}, ${seconds} s so far`,
    );
  };
  announce(
    `Building kube-apiserver ${versions.kubernetes} and etcd ${versions.etcd} with Go: needed once, about 5 minutes and 1,300 packages`,
  );
  const child = spawn("go", buildArguments(output), {
    cwd: serverFolder,
    // What a person has in GOFLAGS or in a workspace file must not change a build that the key does not know of.
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const lines = text.split("\n").filter((line) => line !== "");
    compiled += lines.filter((line) => !line.startsWith("go: ") && !line.startsWith("#")).length;
    tail = [...tail, ...lines].slice(-linesOfError);
  });
  const timer = setInterval(report, progressEveryMilliseconds);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`go build ended with ${code ?? "a signal"}\n${tail.join("\n")}`);
    report();
  } finally {
    clearInterval(timer);
  }
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
