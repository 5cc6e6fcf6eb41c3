/**
 * What a lock file says, without npm: whether it belongs to its package.json, and whether `node_modules` holds it.
 *
 * Plain JavaScript without imports: it runs on Node 20, on a fresh clone. Source of the rules: npm's documentation of
 * package-lock.json ("packages", "hidden lockfiles").
 */

const KINDS = ["dependencies", "devDependencies", "optionalDependencies"];
const EXACT = /^\d+\.\d+\.\d+(?:[-+].*)?$/;

/**
 * Why `npm ci` would refuse the lock file, one sentence each; empty when it would not. Every package that an entry names must
 * have an entry, the optional ones of other platforms too: the file is meant for every machine.
 */
export function lockProblems(manifest, lock) {
  const packages = lock.packages ?? {};
  return [...rootProblems(manifest, packages), ...missingPackages(packages)];
}

function rootProblems(manifest, packages) {
  const root = packages[""];
  if (root === undefined) return ['package-lock.json has no "packages": it is older than lockfileVersion 2'];
  return KINDS.flatMap((kind) => {
    const [wanted, locked] = [manifest[kind] ?? {}, root[kind] ?? {}];
    return [...new Set([...Object.keys(wanted), ...Object.keys(locked)])].sort().flatMap((name) => {
      const { version } = packages[`node_modules/${name}`] ?? {};
      if (wanted[name] !== locked[name])
        return [
          `${name}: package.json says ${wanted[name] ?? "nothing"}, the lock ${locked[name] ?? "nothing"}`,
        ];
      if (version !== undefined && EXACT.test(wanted[name]) && version !== wanted[name])
        return [`${name}: package.json says ${wanted[name]}, the lock installs ${version}`];
      return [];
    });
  });
}

function missingPackages(packages) {
  return Object.entries(packages).flatMap(([path, entry]) =>
    namesNeededBy(path, entry)
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${name}: ${path === "" ? "package.json" : path} needs it and it has no entry`),
  );
}

function namesNeededBy(path, entry) {
  const optionalPeers = entry.peerDependenciesMeta ?? {};
  const peers = Object.keys(entry.peerDependencies ?? {}).filter(
    (it) => optionalPeers[it]?.optional !== true,
  );
  const own = path === "" ? KINDS : ["dependencies", "optionalDependencies"];
  return [...new Set([...own.flatMap((kind) => Object.keys(entry[kind] ?? {})), ...peers])].sort();
}

/** As Node looks a package up: beside the one that needs it, then in each folder above. */
function isLocked(packages, path, name) {
  for (let folder = path; ;) {
    if (packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
    const above = folder.lastIndexOf("/node_modules/");
    folder = above < 0 ? "" : folder.slice(0, above);
  }
}

/**
 * Paths of packages that the lock file wants and the installation does not have, by npm's own record of it
 * (`node_modules/.package-lock.json`). Optional packages may be missing: they are other platforms'.
 */
export function notInstalled(lock, installed) {
  const there = installed.packages ?? {};
  return Object.entries(lock.packages ?? {})
    .filter(([path, entry]) => path !== "" && entry.link !== true)
    .filter(([path, entry]) => {
      const found = there[path];
      if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
      return found.version !== entry.version || found.integrity !== entry.integrity;
    })
    .map(([path]) => path);
}
