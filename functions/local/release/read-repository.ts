/** What a release is decided by, read once. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Repository = {
  readonly version: string;
  readonly lockVersion: string;
  readonly changelog: string;
  /** Files that say which version of the image runs, with their text. */
  readonly deployed: ReadonlyMap<string, string>;
  /** Paths that git sees as changed, or that it does not know. */
  readonly changed: readonly string[];
  readonly commit: string;
  /** Commit that the tag of this version is on; undefined: there is no such tag. */
  readonly tagged: string | undefined;
};

const DEPLOYED = ["deploy/kubernetes/kustomization.yaml", "deploy/kubernetes/deployment.yaml"];

/** @throws Error when the folder is no clone. */
export async function readRepository(root: string): Promise<Repository> {
  const text = (file: string) => readFileSync(join(root, file), "utf8");
  const { version } = JSON.parse(text("package.json")) as { readonly version: string };
  const lock = JSON.parse(text("package-lock.json")) as { readonly version: string };
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trimEnd();
  return {
    version,
    lockVersion: lock.version,
    changelog: text("CHANGELOG.md"),
    deployed: new Map(DEPLOYED.map((file) => [file, text(file)])),
    changed: git("status", "--porcelain")
      .split("\n")
      .filter((it) => it !== "")
      .map((it) => it.slice(3)),
    commit: git("rev-parse", "HEAD"),
    tagged:
      git("tag", "--list", `v${version}`) === "" ? undefined : git("rev-list", "-n", "1", `v${version}`),
  };
}
