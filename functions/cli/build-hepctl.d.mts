import type { BuildResult, Metafile } from "esbuild";

export function buildHepctl(options: {
  readonly projectRoot: string;
  readonly bundleFile: string;
  readonly inputsFile: string;
}): Promise<void>;
export function bundleHepctl(
  projectRoot: string,
  outdir: string,
): Promise<BuildResult<{ metafile: true; write: false }>>;
export function mainChunk(metafile: Metafile): string;
