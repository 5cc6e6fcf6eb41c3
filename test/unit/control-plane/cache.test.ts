import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildKey,
  cacheFolder,
  fromCache,
  intoCache,
  type BuildInputs,
} from "../../control-plane/binaries/cache.ts";

let folder: string;
let inputs: BuildInputs & { readonly goVersion: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-test-"));
  inputs = {
    serverFolder: await mkdtemp(join(folder, "server-")),
    platform: "linux",
    arch: "x64",
    goVersion: "go1.26.8",
  };
  await writeFile(join(inputs.serverFolder, "main.go"), "package main");
  await writeFile(join(inputs.serverFolder, "go.mod"), "module m");
  await writeFile(join(inputs.serverFolder, "go.sum"), "sum");
});
afterEach(() => rm(folder, { recursive: true }));

async function putPrograms(target: string): Promise<void> {
  await writeFile(join(target, "kube-apiserver"), "program");
  await chmod(join(target, "kube-apiserver"), 0o755);
  await symlink("kube-apiserver", join(target, "etcd"));
}

describe("the folder of the cache", () => {
  test.each([
    {
      environment: { XDG_CACHE_HOME: "/x", HOME: "/home/me" },
      expected: "/x/hostendpoint-reconciler/control-plane",
    },
    {
      environment: { XDG_CACHE_HOME: "", HOME: "/h" },
      expected: "/h/.cache/hostendpoint-reconciler/control-plane",
    },
    { environment: { HOME: "/h" }, expected: "/h/.cache/hostendpoint-reconciler/control-plane" },
  ])("is $expected for $environment", ({ environment, expected }) => {
    expect(cacheFolder(environment)).toBe(expected);
  });
});

describe("the key of a build", () => {
  test("is the same for the same inputs", async () => {
    expect(await buildKey(inputs)).toBe(await buildKey(inputs));
  });

  test.each(["main.go", "go.mod", "go.sum", "another.go"])("changes with %s", async (file) => {
    const before = await buildKey(inputs);
    await writeFile(join(inputs.serverFolder, file), "something else");
    expect(await buildKey(inputs)).not.toBe(before);
  });

  test("does not change with a file that is no input", async () => {
    const before = await buildKey(inputs);
    await writeFile(join(inputs.serverFolder, "README.md"), "words");
    expect(await buildKey(inputs)).toBe(before);
  });

  test.each([{ platform: "darwin" }, { arch: "arm64" }, { goVersion: "go1.27.0" }])(
    "changes with %j",
    async (change) => {
      expect(await buildKey({ ...inputs, ...change })).not.toBe(await buildKey(inputs));
    },
  );

  test("tells apart contents that are moved from one file into the next", async () => {
    await writeFile(join(inputs.serverFolder, "a.go"), "xy");
    await writeFile(join(inputs.serverFolder, "b.go"), "z");
    const before = await buildKey(inputs);
    await writeFile(join(inputs.serverFolder, "a.go"), "x");
    await writeFile(join(inputs.serverFolder, "b.go"), "yz");
    expect(await buildKey(inputs)).not.toBe(before);
  });
});

describe("looking into the cache", () => {
  test("an empty or missing cache has nothing", async () => {
    expect(await fromCache(join(folder, "missing"), "official", inputs)).toMatchObject({ kind: "absent" });
  });

  test("a build is found under its inputs, and under no others", async () => {
    const programs = await intoCache(folder, await buildKey(inputs), putPrograms);
    expect(await fromCache(folder, "official", inputs)).toEqual({ kind: "found", programs });
    await writeFile(join(inputs.serverFolder, "main.go"), "package changed");
    expect(await fromCache(folder, "official", inputs)).toMatchObject({ kind: "absent" });
  });

  test("another Go version builds anew; without any Go the build still serves", async () => {
    const programs = await intoCache(folder, await buildKey(inputs), putPrograms);
    expect(await fromCache(folder, "official", { ...inputs, goVersion: "go1.99" })).toMatchObject({
      kind: "absent",
    });
    expect(await fromCache(folder, "official", { ...inputs, goVersion: undefined })).toEqual({
      kind: "found",
      programs,
    });
  });

  test("a download is found whatever the inputs of a build are", async () => {
    const programs = await intoCache(folder, "official", putPrograms);
    expect(await fromCache(folder, "official", inputs)).toEqual({ kind: "found", programs });
  });
});

describe("putting programs into the cache", () => {
  test("a failure leaves nothing behind", async () => {
    const before = await readdir(folder);
    const failure = intoCache(folder, "key", async (draft) => {
      await writeFile(join(draft, "kube-apiserver"), "half");
      throw new Error("out of memory");
    });
    await expect(failure).rejects.toThrow("out of memory");
    expect(await readdir(folder)).toEqual(before);
  });

  test("a folder that lacks a program is refused", async () => {
    await expect(intoCache(folder, "key", async () => undefined)).rejects.toThrow(
      "lacks kube-apiserver or etcd",
    );
  });

  test("two at once: one result stays, both get it, no draft is left", async () => {
    const results = await Promise.all([
      intoCache(folder, "key", putPrograms),
      intoCache(folder, "key", putPrograms),
    ]);
    expect(results[0]).toEqual(results[1]);
    expect((await readdir(folder)).filter((name) => name.startsWith("draft"))).toEqual([]);
  });
});
