/**
 * The files of a release. The same commit makes the same bytes: nothing of the machine, the person or the hour is in them.
 *
 * In: a repository, a folder. Out: the folder, replaced whole, and a line for each file. @throws Error
 */
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { zipSync, type Zippable, type ZipOptions } from "fflate";
import { parse } from "yaml";
import { bundleFunction, FUNCTION_NAMES, root } from "../bundle.ts";
import type { Repository } from "./read-repository.ts";
import { notesOf } from "./release-problems.ts";
import { templateWithoutAssets } from "./template-without-assets.ts";

/** ZIP has no time before this; which one it is says nothing. */
const NO_TIME = new Date(1980, 0, 1);

export async function makeRelease(repository: Repository, folder: string): Promise<readonly string[]> {
  const { version } = repository;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  try {
    pack(draft);
    copyFileSync(
      join(root, "dist", "package", "sbom.cdx.json"),
      join(draft, `hostendpoint-reconciler-${version}.cdx.json`),
    );
    for (const name of FUNCTION_NAMES) writeFileSync(join(draft, zipName(name, version)), await zipped(name));
    const template = await templateWithoutAssets((name) => zipName(name, version));
    writeFileSync(join(draft, `template-${version}.json`), `${JSON.stringify(template)}\n`);
    writeFileSync(join(draft, `kubernetes-${version}.yaml`), manifests());
    writeFileSync(join(draft, "NOTES.md"), `${notesOf(repository) ?? ""}\n`);
    const sums = checksums(draft);
    writeFileSync(join(draft, "SHA256SUMS"), sums.map(({ sum, name }) => `${sum}  ${name}\n`).join(""));
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return [...sums.map(({ name }) => name), "SHA256SUMS"].map((name) => join(folder, name));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function pack(folder: string): void {
  const { status, stderr } = spawnSync("npm", ["pack", "--pack-destination", folder, "--loglevel=error"], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm pack ended with ${status}: ${stderr}`);
}

/** With its source map, as in a deployment: what the function logs names our own lines. */
async function zipped(name: (typeof FUNCTION_NAMES)[number]): Promise<Uint8Array> {
  const { folder } = await bundleFunction(name, join(root, "dist", "release-functions"));
  const options: ZipOptions = { mtime: NO_TIME, attrs: 0o644 << 16, os: 3, level: 9 };
  const files: Zippable = {};
  for (const file of ["index.mjs", "index.mjs.map"])
    files[file] = [readFileSync(join(folder, file)), options];
  return zipSync(files);
}

function zipName(functionName: string, version: string): string {
  return `${functionName}-${version}.zip`;
}

/** deploy/kubernetes as one file, for kubectl apply -f. */
function manifests(): string {
  const folder = join(root, "deploy", "kubernetes");
  const { resources } = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8")) as {
    readonly resources: readonly string[];
  };
  return resources.map((it) => readFileSync(join(folder, it), "utf8").trimEnd()).join("\n---\n") + "\n";
}

function checksums(folder: string) {
  return readdirSync(folder)
    .sort()
    .map((name) => ({
      name: basename(name),
      sum: createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    }));
}
