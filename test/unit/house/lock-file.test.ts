/** The lock file is meant for every machine: what any package of it names has an entry, for every platform. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { lockProblems, notInstalled, type Lock } from "../../../functions/local/install/lock-file.mjs";
import { isNewEnough, RELEASES } from "../../../functions/local/install/node-release.mjs";

const root = join(import.meta.dirname, "..", "..", "..");
const manifest = readJson("package.json");
const lock = readJson("package-lock.json") as Required<Lock>;

test("the lock file of this repository is complete, and names no registry host", () => {
  expect(lockProblems(manifest, lock)).toEqual([]);
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toContain('"resolved": "http');
});

test("an entry that anybody needs and that is missing is a problem that names it, whichever it is", () => {
  const needed = Object.keys(lock.packages).filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
  expect(needed.filter((path) => lock.packages[path]?.["optional"] === true).length).toBeGreaterThan(40);
  fc.assert(
    fc.property(fc.constantFrom(...needed), (path) => {
      const { [path]: _gone, ...packages } = lock.packages;
      expect(lockProblems(manifest, { packages }).join("\n")).toContain(path.slice("node_modules/".length));
    }),
    { numRuns: 100 },
  );
});

describe("a lock file that is not package.json's", () => {
  const own = { dependencies: { a: "1.0.0" } };
  const packages = { "": own, "node_modules/a": { version: "1.0.0" } };
  test.each<[string, Readonly<Record<string, unknown>>, Lock, readonly string[]]>([
    ["is told apart from one that is", own, { packages }, []],
    [
      "another version is asked for",
      { dependencies: { a: "1.0.1" } },
      { packages },
      ["a: package.json says 1.0.1, the lock 1.0.0"],
    ],
    [
      "another version is locked",
      own,
      { packages: { ...packages, "node_modules/a": { version: "1.0.2" } } },
      ["a: package.json says 1.0.0, the lock installs 1.0.2"],
    ],
    [
      "one package more",
      { ...own, devDependencies: { b: "2.0.0" } },
      { packages },
      ["b: package.json says 2.0.0, the lock nothing"],
    ],
    [
      "an optional package of another platform is missing",
      own,
      {
        packages: {
          ...packages,
          "node_modules/a": { version: "1.0.0", optionalDependencies: { "a-darwin": "1" } },
        },
      },
      ["a-darwin: node_modules/a needs it and it has no entry"],
    ],
    [
      "a peer that is optional may be missing",
      own,
      {
        packages: {
          ...packages,
          "node_modules/a": {
            version: "1.0.0",
            peerDependencies: { p: "1", q: "1" },
            peerDependenciesMeta: { p: { optional: true } },
          },
        },
      },
      ["q: node_modules/a needs it and it has no entry"],
    ],
    ["an old format", own, {}, ['package-lock.json has no "packages": it is older than lockfileVersion 2']],
  ])("%s", (_what, itsManifest, itsLock, problems) => {
    expect(lockProblems(itsManifest, itsLock)).toEqual(expect.arrayContaining([...problems]));
    expect(problems.length > 0 || lockProblems(itsManifest, itsLock).length === 0).toBe(true);
  });

  test("a nested package serves those below it only", () => {
    const nested = {
      "": { dependencies: { a: "1.0.0", c: "1.0.0" } },
      "node_modules/a": { version: "1.0.0", dependencies: { b: "1" } },
      "node_modules/a/node_modules/b": { version: "1.0.0" },
      "node_modules/c": { version: "1.0.0", dependencies: { b: "2" } },
    };
    expect(lockProblems(nested[""], { packages: nested })).toEqual([
      "b: node_modules/c needs it and it has no entry",
    ]);
  });
});

test("an installation lacks what is missing or another version, but for other platforms' packages", () => {
  const wanted = {
    packages: {
      "": {},
      "node_modules/a": { version: "1", integrity: "x" },
      "node_modules/b": { version: "1", integrity: "y", optional: true },
      "node_modules/c": { version: "1", integrity: "z" },
    },
  };
  const installed = { packages: { "node_modules/a": { version: "1", integrity: "x" } } };
  expect(notInstalled(wanted, installed)).toEqual(["node_modules/c"]);
  const other = { packages: { ...wanted.packages, "node_modules/b": { version: "2", integrity: "y" } } };
  expect(notInstalled(wanted, other)).toEqual(["node_modules/b"]);
});

describe("which Node runs the project", () => {
  test.each([
    ["20.20.2", false],
    ["22.18.0", false],
    ["22.19.0", true],
    ["23.0.0", true],
    ["24.0.0", true],
    ["26.10.0", true],
  ])("%s: %s", (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test("whatever is fetched is new enough itself, and its checksum is written down", () => {
    for (const { version, integrity } of Object.values(RELEASES)) {
      expect(isNewEnough(version)).toBe(true);
      expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });

  test("what Node runs itself has nothing that Node 22 cannot read, and no entry that only runs on a condition", () => {
    const files = ["functions", "infra", "lib", "test/bench", "test/control-plane"].flatMap((it) =>
      readdirSync(join(root, it), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.m?ts$|\.mjs$/.test(name))
        .map((name) => join(it, name)),
    );
    const tooNew =
      /^\s*(await )?using \w+ =|import\.meta\.main|process\.argv\[1\]|RegExp\.escape|Promise\.try|\bfromBase64\(/m;
    expect(files.filter((file) => tooNew.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
    expect(files.length).toBeGreaterThan(300);
  });

  test("package.json says what the package needs; a clone needs more, and brings it", () => {
    expect(manifest["engines"]).toEqual({ node: ">=22" });
  });
});

function readJson(file: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(join(root, file), "utf8")) as Readonly<Record<string, unknown>>;
}
