/** What happens before anything is installed, with the real npm and a registry on loopback: nothing needs the network. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { serveLoopback } from "../fakes/serve-loopback.ts";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-"));
  cpSync(join(root, "functions", "local", "install"), join(folder, "functions", "local", "install"), {
    recursive: true,
  });
  cpSync(join(root, "functions", "local", "run.mjs"), join(folder, "functions", "local", "run.mjs"));
  writeFileSync(join(folder, "hello.mjs"), 'console.log("hello");\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what is not there is installed, once, and then not again", async () => {
  const tarball = await aTarball();
  await using registry = await serveRegistry(tarball);
  writeProject(integrityOf(tarball));
  const first = await start(registry.url);
  expect(first).toMatchObject({ code: 0, stdout: "hello\n" });
  expect(first.stderr).toContain("Installing dependencies");
  expect(await start(registry.url)).toEqual({ code: 0, stdout: "hello\n", stderr: "" });
});

test("an installation that was made by hand counts; one whose package is gone does not", async () => {
  const tarball = await aTarball();
  await using registry = await serveRegistry(tarball);
  writeProject(integrityOf(tarball));
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, env: environment(registry.url) });
  expect(await start("http://127.0.0.1:1")).toEqual({ code: 0, stdout: "hello\n", stderr: "" });
  rmSync(join(folder, "node_modules", "tiny"), { recursive: true });
  expect((await start(registry.url)).stderr).toContain("Installing dependencies");
  expect(existsSync(join(folder, "node_modules", "tiny", "package.json"))).toBe(true);
});

test("a lock file that does not match is told as that, and npm is not asked", async () => {
  writeProject("sha512-x", { dependencies: { tiny: "1.0.0", other: "1.0.0" } });
  const { code, stderr, stdout } = await start("http://127.0.0.1:1");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("package-lock.json does not match package.json");
  expect(stderr).toContain("other: package.json says 1.0.0, the lock nothing");
  expect(stderr).not.toContain("Installing");
});

test("a registry that is not reached is told as that", async () => {
  writeProject(integrityOf(await aTarball()));
  const { code, stderr } = await start("http://127.0.0.1:1");
  expect(code).toBe(1);
  expect(stderr).toContain("npm's registry was not reached (npm config get registry: http://127.0.0.1:1");
});

test("a package that is not what the lock file says is neither of the two", async () => {
  const tarball = await aTarball();
  await using registry = await serveRegistry(tarball);
  writeProject(integrityOf(Buffer.from("another")));
  const { code, stderr } = await start(registry.url);
  expect(code).toBe(1);
  expect(stderr).toContain("the lock file matches package.json and npm's registry answers");
});

test("a Node whose checksum is another is refused and nothing of it stays", async () => {
  const tarball = await aTarball();
  await using registry = await serveRegistry(tarball);
  const target = join(folder, "cache", "tiny-1.0.0");
  const fetchNode = (integrity: string) =>
    run(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { fetchRelease } from "./functions/local/install/node-release.mjs";
         fetchRelease(${JSON.stringify({ name: "tiny", version: "1.0.0", integrity })}, ${JSON.stringify(target)});`,
      ],
      { cwd: folder, env: environment(registry.url) },
    );
  await expect(fetchNode(integrityOf(Buffer.from("another")))).rejects.toThrow(/is not what it was/);
  expect(existsSync(target)).toBe(false);
  await fetchNode(integrityOf(tarball));
  expect(readFileSync(join(target, "bin", "node"), "utf8")).toBe("a program");
});

/** A package with a `bin/node`, as npm packs it. */
async function aTarball(): Promise<Buffer> {
  const source = join(folder, "tiny");
  mkdirSync(join(source, "bin"), { recursive: true });
  writeFileSync(join(source, "bin", "node"), "a program");
  writeFileSync(join(source, "package.json"), JSON.stringify({ name: "tiny", version: "1.0.0" }));
  await run("npm", ["pack", "--pack-destination", folder], { cwd: source, env: environment("") });
  return readFileSync(join(folder, "tiny-1.0.0.tgz"));
}

async function serveRegistry(tarball: Buffer) {
  return serveLoopback((request, response) => {
    const host = request.headers.host ?? "";
    if (request.url?.endsWith(".tgz") === true) return void response.end(tarball);
    const version = {
      name: "tiny",
      version: "1.0.0",
      dist: { tarball: `http://${host}/tiny/-/tiny-1.0.0.tgz`, integrity: integrityOf(tarball) },
    };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name: "tiny", "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version } }),
    );
  });
}

function writeProject(
  integrity: string,
  manifest: Readonly<Record<string, unknown>> = { dependencies: { tiny: "1.0.0" } },
): void {
  const named = { name: "project", version: "1.0.0" };
  const packages = {
    "": { ...named, dependencies: { tiny: "1.0.0" } },
    "node_modules/tiny": { version: "1.0.0", integrity },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...named, ...manifest }));
  writeFileSync(
    join(folder, "package-lock.json"),
    JSON.stringify({ ...named, lockfileVersion: 3, requires: true, packages }),
  );
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

async function start(registry: string): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await run(
      process.execPath,
      [join("functions", "local", "run.mjs"), "hello.mjs"],
      { cwd: folder, env: environment(registry) },
    );
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** Nothing of the person's npm settings, and no patience. */
function environment(registry: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    npm_config_cache: join(folder, "npm-cache"),
    npm_config_registry: registry,
    npm_config_fetch_retries: "0",
    npm_config_update_notifier: "false",
    npm_config_ignore_scripts: "true",
  };
}
