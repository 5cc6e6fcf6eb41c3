/** npm's package as a stranger gets it: packed from a clone somebody works in, installed where nothing else is, and used. */
import { copyFile, mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { someNodeObjects } from "../../builders/a-node.ts";
import { describeWithReconciler } from "../cli/with-reconciler.ts";
import { locateOldNode } from "./locate-old-node.ts";
import { nowhere, packClone, PRIVATE, unpack } from "./pack-clone.ts";
import { runProgram } from "./run-program.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const oldNode = await locateOldNode();
let tarball: string;
let unpacked: string;

beforeAll(async () => {
  tarball = await packClone();
  unpacked = await unpack(tarball);
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name).slice(folder.length + 1))
    .sort();
}

describe("npm pack", () => {
  test("makes one package of at most 3 MB, that needs no other", async () => {
    expect((await stat(tarball)).size).toBeLessThan(3_000_000);
    const manifest = JSON.parse(await readFile(join(unpacked, "package.json"), "utf8")) as Record<
      string,
      unknown
    >;
    expect(manifest["dependencies"]).toBeUndefined();
    expect(manifest["bin"]).toEqual({ hepctl: "./functions/cli/hepctl.mjs" });
  });

  test("takes what it names, and nothing that the person left in the clone", async () => {
    const files = await filesIn(unpacked);
    const chunks = /^dist\/package\/hepctl\/[\w-]+-[A-Z0-9]{8}\.mjs$/;
    expect(files.filter((it) => chunks.test(it)).length).toBeGreaterThan(50);
    expect(files.filter((it) => !chunks.test(it))).toEqual(
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "dist/package/THIRD-PARTY-NOTICES.txt",
        "dist/package/completions/_hepctl",
        "dist/package/completions/hepctl.bash",
        "dist/package/completions/hepctl.fish",
        "dist/package/functions/reconcile/index.mjs",
        "dist/package/functions/release/index.mjs",
        "dist/package/hepctl.mjs",
        "dist/package/sbom.cdx.json",
        "functions/cli/hepctl.mjs",
        "package.json",
      ].sort(),
    );
    const texts = await Promise.all(files.map((it) => readFile(join(unpacked, it), "utf8")));
    const told = [PRIVATE, root, dirname(tarball), tmpdir(), process.env["HOME"] ?? PRIVATE];
    expect(
      files.filter((_, index) => told.some((it) => it !== "/" && texts[index]?.includes(`${it}/`))),
    ).toEqual([]);
    expect(files.filter((_, index) => texts[index]?.includes(PRIVATE))).toEqual([]);
  });

  test("names the licence of everything that is inside", async () => {
    const notices = await readFile(join(unpacked, "dist/package/THIRD-PARTY-NOTICES.txt"), "utf8");
    const materials = JSON.parse(
      await readFile(join(unpacked, "dist/package/sbom.cdx.json"), "utf8"),
    ) as Readonly<{ components: readonly Readonly<{ group?: string; name: string; version: string }>[] }>;
    const names = materials.components.map(
      (it) => `${it.group === undefined ? "" : `${it.group}/`}${it.name} ${it.version} (`,
    );
    // Of the command line, of the functions, and of both.
    for (const name of ["commander", "@middy/core", "undici"])
      expect(names.find((it) => it.startsWith(`${name} `))).toBeDefined();
    expect(names.filter((it) => !notices.includes(`\n${it}`))).toEqual([]);
  });
});

describeWithReconciler("hepctl from npm's package, in an empty folder", ({ controlPlane, kubeconfig }) => {
  let environment: Readonly<Record<string, string>>;
  let folder: string;
  let hepctl: string;

  beforeAll(async () => {
    environment = await nowhere();
    folder = await mkdtemp(join(tmpdir(), "empty-"));
    await copyFile(tarball, join(folder, basename(tarball)));
    const installed = await runProgram("npm", ["install", "-g", `./${basename(tarball)}`], {
      folder,
      environment,
    });
    expect(installed).toMatchObject({ code: 0 });
    hepctl = join(environment["npm_config_prefix"] ?? "", "bin", "hepctl");
  });

  const planned = {
    code: 0,
    stdout: expect.stringContaining("Plan: 3 to create, 0 to update, 0 to delete, 0 withheld.") as unknown,
  };

  test("npm install -g, then plan and reconcile", async () => {
    await controlPlane().apply(someNodeObjects(3));
    const run = (...args: string[]) =>
      runProgram(hepctl, [...args, "--kubeconfig", kubeconfig()], { folder, environment });
    expect(await run("plan")).toMatchObject({ ...planned, stderr: "" });
    expect(await run("reconcile", "--yes")).toMatchObject({ code: 0 });
    expect(await run("plan", "--detailed-exitcode")).toMatchObject({ code: 0 });
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Readonly<{
      version: string;
    }>;
    expect((await run("--version")).stdout).toContain(version);
    expect(await readdir(folder)).toEqual([basename(tarball)]);
  });

  test("npx with the tarball, without an installation", async () => {
    await controlPlane().apply(someNodeObjects(3));
    const args = ["--yes", `./${basename(tarball)}`, "plan", "--kubeconfig", kubeconfig()];
    expect(await runProgram("npx", args, { folder, environment })).toMatchObject(planned);
    expect(await readdir(folder)).toEqual([basename(tarball)]);
  });

  (oldNode === undefined ? test.skip : test)("the oldest Node that it is for", async () => {
    await controlPlane().apply(someNodeObjects(3));
    const args = [hepctl, "plan", "--kubeconfig", kubeconfig()];
    expect(await runProgram(oldNode ?? "", args, { folder, environment })).toMatchObject({
      ...planned,
      stderr: "",
    });
  });

  test("an older Node is told so in one line", async () => {
    const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})`;
    const { code, stderr } = await runProgram(process.execPath, ["--import", pretend, hepctl, "plan"], {
      folder,
      environment,
    });
    expect(code).toBe(64);
    expect(stderr).toMatch(/^hepctl: this is Node v[\d.]+, and Node 22 or newer is needed: .*\n$/);
  });

  test("bad usage is exit code 64 there too", async () => {
    const { code, stderr } = await runProgram(hepctl, ["plan"], { folder, environment });
    expect(code).toBe(64);
    expect(stderr).toContain("no kubeconfig");
  });
});
