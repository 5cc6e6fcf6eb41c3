/**
 * What was bundled, as CycloneDX says it: each package with version, licence and the text of its licence. Made by CycloneDX's
 * own tool from esbuild's account of the bundles, so it holds what is inside and not what package.json asks for.
 *
 * @throws Error when the tool refuses, its schema included.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { root } from "../bundle.ts";

/** Of a document in version 1.6: what is used of it. https://cyclonedx.org/docs/1.6/json/ */
export type BillOfMaterials = {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly Component[];
};

export type Component = {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly author?: string;
  readonly licenses?: readonly License[];
  readonly evidence?: { readonly licenses?: readonly License[] };
};

export type License = {
  readonly expression?: string;
  readonly license?: {
    readonly id?: string;
    readonly name?: string;
    readonly text?: { readonly content?: string; readonly encoding?: string };
  };
};

/** A module that is no file: `bundle.ts` makes it, so it is ours as that is. */
const MADE_WHILE_BUNDLING = "connections-of-undici:undici";

export function billOfMaterials(metafiles: readonly Metafile[]): BillOfMaterials {
  const folder = mkdtempSync(join(tmpdir(), "materials-"));
  try {
    const file = join(folder, "bundles.json");
    writeFileSync(
      file,
      JSON.stringify(together(metafiles)).replaceAll(MADE_WHILE_BUNDLING, "functions/local/bundle.ts"),
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        tool(),
        "--gather-license-texts",
        "--output-reproducible",
        "--spec-version",
        "1.6",
        "--bwd",
        root,
        file,
      ],
      { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 },
    );
    if (status !== 0) throw new Error(`cyclonedx-esbuild ended with ${status}: ${stderr}`);
    return JSON.parse(stdout) as BillOfMaterials;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Several builds as one. What one build leaves out of a file (shaken off), another may take in. */
function together(metafiles: readonly Metafile[]): Metafile {
  return {
    inputs: Object.assign({}, ...metafiles.map((it) => it.inputs)) as Metafile["inputs"],
    outputs: Object.fromEntries(
      metafiles.flatMap(({ outputs }, index) =>
        Object.entries(outputs).map(([path, output]) => [`${index}/${path}`, output] as const),
      ),
    ),
  };
}

function tool(): string {
  const main = fileURLToPath(import.meta.resolve("@cyclonedx/cyclonedx-esbuild"));
  return join(dirname(main), "..", "bin", "cyclonedx-esbuild-cli.js");
}
