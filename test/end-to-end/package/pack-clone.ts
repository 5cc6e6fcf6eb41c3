/** `npm pack` in a clone that a person has worked in, and the tarball installed where nothing else is. */
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runToEnd } from "../parts/run-to-end.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** Stands in every file of the person's own: it must be in no package. */
export const PRIVATE = "of-this-person-only";

/** What people leave in a clone, of which git ignores some and knows none. */
const leftBehind = [
  "infra/clusters/mine.yaml",
  "infra/clusters/mine.rbac.yaml",
  "cdk.context.json",
  "cdk.out/Mine.template.json",
  "dist/lambda/mine/settings.json",
  "dist/hepctl/main-OLD.mjs",
  "dist/package/settings.json",
  "dist/package/hepctl/main-OLD.mjs",
  "functions/cli/notes.mjs",
  "kubeconfig",
  ".env",
  "plan.json",
] as const;

/** A copy of this clone without its tests and what is installed, in which a person has worked. Files of its root, and these folders. */
export async function cloneOf(
  folders: readonly string[],
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "clone-"));
  const files = await runToEnd("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    workingFolder: root,
  });
  const wanted = (file: string) => !file.includes("/") || folders.some((it) => file.startsWith(`${it}/`));
  for (const file of files.split("\0").filter((it) => it !== "" && wanted(it)))
    await cp(join(root, file), join(folder, file)).catch((error: unknown) => {
      // Removed in the work tree, and not yet in the index.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  for (const file of leftBehind) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `{ "name": "${PRIVATE}" }\n`);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/**
 * What is installed here, there too: its files, since a bundler follows a link to the folder, and then what it says of where
 * files are is not what it says in a clone.
 */
export async function linkInstalled(folder: string): Promise<void> {
  await runToEnd("cp", ["-al", join(root, "node_modules"), folder], { workingFolder: folder }).catch(() =>
    cp(join(root, "node_modules"), join(folder, "node_modules"), { recursive: true, verbatimSymlinks: true }),
  );
}

/** Packs such a clone as `npm pack` does; answers the path of the tarball, which is called `hepctl-VERSION.tgz`. */
export async function packClone(): Promise<string> {
  const { folder, remove } = await cloneOf(["functions", "infra", "lib", "docs", "deploy"]);
  await linkInstalled(folder);
  await runToEnd("npm", ["pack", "--pack-destination", folder], {
    workingFolder: folder,
    environment: { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
  });
  const tarball = (await readdir(folder)).find((it) => it.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  const named = join(await mkdtemp(join(tmpdir(), "packed-")), tarball.replace(/^.*-(?=\d)/, "hepctl-"));
  await rename(join(folder, tarball), named);
  await remove();
  return named;
}

/** The files of a tarball, unpacked: the folder that holds them. */
export async function unpack(tarball: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "unpacked-"));
  await runToEnd("tar", ["-xzf", tarball, "-C", folder], { workingFolder: folder });
  return join(folder, "package");
}

/** An environment in which npm reaches no registry and knows no package: what it installs is in the tarball. */
export async function nowhere(): Promise<Readonly<Record<string, string>>> {
  const home = await mkdtemp(join(tmpdir(), "nobody-"));
  return {
    HOME: home,
    npm_config_cache: join(home, "cache"),
    npm_config_prefix: join(home, "prefix"),
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_fetch_retries: "0",
    npm_config_update_notifier: "false",
    XDG_CACHE_HOME: "",
    KUBECONFIG: "",
  };
}
