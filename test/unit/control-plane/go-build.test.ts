import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromAssets } from "../../control-plane/binaries/from-assets.ts";
import type { BuildInputs } from "../../control-plane/binaries/cache.ts";
import { fromGoBuild, goVersion } from "../../control-plane/binaries/from-go-build.ts";

const path = process.env["PATH"] ?? "";
let folder: string;
let cache: string;
let inputs: BuildInputs;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "go-build-test-"));
  cache = join(folder, "cache");
  inputs = { serverFolder: join(folder, "server"), platform: "linux", arch: "x64", goVersion: "go1.26.8" };
  await mkdir(inputs.serverFolder);
  await mkdir(join(folder, "bin"));
});
afterEach(async () => {
  process.env["PATH"] = path;
  await rm(folder, { recursive: true });
});

/** Puts a `go` first on PATH that does what the shell script says. */
async function installGo(script: string): Promise<void> {
  const file = join(folder, "bin", "go");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  process.env["PATH"] = `${join(folder, "bin")}:${path}`;
}

/** Writes a program that says the name it is started under, as our own main chooses by it. */
const building = `
while [ "$1" != "-o" ]; do shift; done
printf '#!/bin/sh\\nbasename "$0"\\n' > "$2"
chmod +x "$2"
`;

describe("building with Go", () => {
  test("gives one program under two names, and says first that it takes a while", async () => {
    await installGo(building);
    const announced: string[] = [];
    const answer = await fromGoBuild(cache, inputs, (line) => announced.push(line));
    if (answer.kind !== "found") throw new Error(answer.reason);
    expect(execFileSync(answer.programs.kubeApiserver, { encoding: "utf8" })).toBe("kube-apiserver\n");
    expect(execFileSync(answer.programs.etcd, { encoding: "utf8" })).toBe("etcd\n");
    expect(announced[0]).toMatch(/^Building kube-apiserver v[\d.]+ and etcd v[\d.]+ with Go: needed once/);
    const [key = ""] = await readdir(cache);
    expect((await readdir(join(cache, key))).sort()).toEqual(["control-plane", "etcd", "kube-apiserver"]);
  });

  test("is not bent by what a person has in GOFLAGS", async () => {
    process.env["GOFLAGS"] = "-mod=vendor";
    try {
      await installGo(
        `[ -z "$GOFLAGS" ] && [ "$CGO_ENABLED" = 0 ] && [ "$GOWORK" = off ] || exit 1\n${building}`,
      );
      expect(await fromGoBuild(cache, inputs, () => undefined)).toMatchObject({ kind: "found" });
    } finally {
      delete process.env["GOFLAGS"];
    }
  });

  test("when it fails it gives Go's own words and leaves nothing", async () => {
    await installGo("echo 'main.go:1:1: no space left on device' >&2; exit 1");
    const answer = await fromGoBuild(cache, inputs, () => undefined);
    expect(answer).toMatchObject({
      kind: "absent",
      reason: expect.stringContaining("no space left on device"),
    });
    expect(await readdir(cache)).toEqual([]);
  });

  test("without Go there is nothing to build with", async () => {
    const answer = await fromGoBuild(cache, { ...inputs, goVersion: undefined }, () => undefined);
    expect(answer).toMatchObject({ kind: "absent", reason: expect.stringContaining("Go is not installed") });
  });

  test("the version of Go is what it says itself; a missing or broken Go has none", async () => {
    await installGo("echo go1.99.0");
    expect(await goVersion(inputs.serverFolder)).toBe("go1.99.0");
    await installGo("exit 2");
    expect(await goVersion(inputs.serverFolder)).toBeUndefined();
  });
});

describe("KUBEBUILDER_ASSETS", () => {
  test("that holds both programs is used", async () => {
    for (const name of ["kube-apiserver", "etcd"]) {
      await writeFile(join(folder, name), "");
      await chmod(join(folder, name), 0o755);
    }
    expect(await fromAssets(folder)).toEqual({
      kind: "found",
      programs: { kubeApiserver: join(folder, "kube-apiserver"), etcd: join(folder, "etcd") },
    });
  });

  test.each([undefined, ""])("%j is not set", async (value) => {
    expect(await fromAssets(value)).toMatchObject({ kind: "absent" });
  });

  test("that lacks one, or holds one that cannot be run, is an error", async () => {
    await writeFile(join(folder, "kube-apiserver"), "");
    await writeFile(join(folder, "etcd"), "");
    await expect(fromAssets(folder)).rejects.toThrow("no executable kube-apiserver and etcd");
  });
});
