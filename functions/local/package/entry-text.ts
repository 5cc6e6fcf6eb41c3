/** The oldest Node that the package is tried on (test/end-to-end/package): what is bundled was made for Node 22. */
const OLDEST_MAJOR = 22;

/**
 * The package's entry. Plain JavaScript that an old Node can read, so that it can say that it is too old. V8 keeps what it
 * compiled in the user's own cache: the package's folder is often somebody else's, and a shared folder is nobody's to trust.
 */
export function entryText(chunk: string): string {
  return `import { homedir } from "node:os";
import { join } from "node:path";
if (Number(process.versions.node.split(".")[0]) < ${OLDEST_MAJOR}) {
  process.stderr.write(\`hepctl: this is Node \${process.version}, and Node ${OLDEST_MAJOR} or newer is needed: install it and run this again\\n\`);
  process.exit(64);
}
// Node 22.0 has neither this nor the cache.
URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);
const { enableCompileCache } = await import("node:module");
const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
enableCompileCache?.(join(cache, "hostendpoint-reconciler", "compile-cache"));
await import("./hepctl/${chunk}");
`;
}
