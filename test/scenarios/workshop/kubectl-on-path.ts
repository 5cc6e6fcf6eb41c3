import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Makes a folder for PATH in which `kubectl` is the stand-in, and answers it. */
export async function makeKubectlFolder(parent: string): Promise<string> {
  const folder = join(parent, "bin");
  await mkdir(folder);
  const script = fileURLToPath(new URL("kubectl.ts", import.meta.url));
  const file = join(folder, "kubectl");
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(file, 0o755);
  return folder;
}
