/**
 * The files of the npm package that a clone does not have: the bundled command line, the bundled functions, the completion
 * scripts of the shells, the licences of everything that was bundled, and the bill of materials.
 *
 * The clone itself is what `npm pack` packs: no other folder, no second package.json, nothing that has to be put back
 * afterwards. That works because the package has no dependencies: all of them are bundled, so package.json names them under
 * `devDependencies`, which nobody who installs the package gets; and because `files` lists what travels, instead of what does not.
 *
 * In: a folder. Out: the folder, replaced whole. @throws Error when a bundle cannot be made.
 * Must never happen: a file of the person who packs (settings of clusters, caches, absolute paths) in the folder.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";
import { bundleHepctl, mainChunk } from "../../cli/build-hepctl.mjs";
import { completionScripts } from "../../cli/completion/completion-scripts.ts";
import { bundleFunction, FUNCTION_NAMES, root } from "../bundle.ts";
import { billOfMaterials, type BillOfMaterials } from "./bill-of-materials.ts";
import { entryText } from "./entry-text.ts";
import { thirdPartyNotices } from "./third-party-notices.ts";

/** As each shell looks for them: bash by the command's name, zsh by `_` and it. */
const completionFiles: Readonly<Record<string, string>> = {
  bash: "hepctl.bash",
  zsh: "_hepctl",
  fish: "hepctl.fish",
};

export async function buildPackage(folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    const metafiles = [await writeCommandLine(draft)];
    for (const name of FUNCTION_NAMES) {
      const { folder: made, metafile } = await bundleFunction(name, join(draft, "functions"));
      metafiles.push(metafile);
      // The map is as large as the code and tells only our own lines apart: who develops has a clone.
      rmSync(join(made, "index.mjs.map"));
    }
    writeCompletions(join(draft, "completions"));
    const materials = billOfMaterials(metafiles);
    writeFileSync(join(draft, "sbom.cdx.json"), `${JSON.stringify(withoutTexts(materials), null, 1)}\n`);
    writeFileSync(join(draft, "THIRD-PARTY-NOTICES.txt"), thirdPartyNotices(materials));
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function writeCommandLine(folder: string): Promise<Metafile> {
  const chunks = join(folder, "hepctl");
  mkdirSync(chunks, { recursive: true });
  const { outputFiles, metafile } = await bundleHepctl(root, chunks);
  for (const { path, contents } of outputFiles)
    if (!path.endsWith(".map")) writeFileSync(join(chunks, basename(path)), contents);
  writeFileSync(join(folder, "hepctl.mjs"), entryText(mainChunk(metafile)));
  return metafile;
}

/** The texts stand in the notices; here each licence is named. */
function withoutTexts(materials: BillOfMaterials): BillOfMaterials {
  return {
    ...materials,
    components: materials.components.map(({ evidence: _texts, ...component }) => component),
  };
}

function writeCompletions(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [shell, script] of completionScripts)
    writeFileSync(join(folder, completionFiles[shell] ?? shell), script);
}
