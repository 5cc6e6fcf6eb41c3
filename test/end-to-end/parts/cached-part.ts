/**
 * Parts that the end-to-end tests run on and that are no dependency of this project: they are made once, into the user's
 * cache, by whoever needs them first.
 *
 * In: a name, what it is made of (the key), and how. Out: the folder. Two builders do not make it twice, and nobody sees half
 * of it. @throws what `make` throws.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withBuildLock } from "../../control-plane/binaries/build-lock.ts";

export type PartRecipe = {
  /** Beginning of the folder's name, such as `localstack`. */
  readonly name: string;
  /** Everything that the result depends on: texts of lock files, versions, the platform. */
  readonly ingredients: readonly string[];
  /** What a person is told while it is made, such as `Installing LocalStack: needed once, about 2 minutes`. */
  readonly what: string;
  /** Fills the folder, which is moved to its place when all of it is there: nothing in it may know its own path. */
  readonly make: (folder: string) => Promise<void>;
};

const announceEveryMilliseconds = 10_000;

export async function cachedPart(recipe: PartRecipe): Promise<string> {
  const cache = partsFolder(process.env);
  const key = createHash("sha256").update(recipe.ingredients.join("\n")).digest("hex").slice(0, 16);
  const target = join(cache, `${recipe.name}-${key}`);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  let told = 0;
  return withBuildLock(
    join(cache, `${recipe.name}.lock`),
    (waited) => {
      if (waited < told + announceEveryMilliseconds) return;
      told = waited;
      say(`${recipe.what}: another process does it, ${Math.round(waited / 1000)} s so far`);
    },
    async () => {
      if (!existsSync(target)) await makeWhole(cache, target, recipe);
      return target;
    },
  );
}

async function makeWhole(cache: string, target: string, { name, what, make }: PartRecipe): Promise<void> {
  const began = Date.now();
  say(what);
  const timer = setInterval(
    () => say(`${what}: ${Math.round((Date.now() - began) / 1000)} s so far`),
    announceEveryMilliseconds,
  );
  const draft = await mkdtemp(join(cache, `draft-${name}-`));
  try {
    await make(draft);
    await rename(draft, target);
  } finally {
    clearInterval(timer);
    await rm(draft, { recursive: true, force: true });
  }
}

/** Beside the control plane's folder in the user's cache. */
function partsFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment["XDG_CACHE_HOME"];
  const base = home === undefined || home === "" ? join(homedir(), ".cache") : home;
  return join(base, "hostendpoint-reconciler", "end-to-end");
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
