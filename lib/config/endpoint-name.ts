import { createHash } from "node:crypto";
import { AUTO_HOST_ENDPOINT_SUFFIX } from "../names/names.ts";

const LONGEST_NAME = 253;

/**
 * Name of the HostEndpoint that a template gives a node: the pattern with `{node}` (and `{interface}`) filled in. What would be too
 * long under a name of Calico's automatic endpoints gets the hash that Calico's own controller gives it (docs/calico.md 16).
 */
export function endpointName(pattern: string, node: string, interfaceName = ""): string {
  const name = pattern.replaceAll("{node}", () => node).replaceAll("{interface}", () => interfaceName);
  if (name.length <= LONGEST_NAME || !pattern.endsWith(AUTO_HOST_ENDPOINT_SUFFIX)) return name;
  const hash = createHash("sha256").update(name).digest("base64url").replace(/[-_]/g, "");
  return `${hash.toLowerCase()}${AUTO_HOST_ENDPOINT_SUFFIX}`;
}

/** True when the names that a pattern gives depend on what the Node itself says. */
export function namesInterfaces(pattern: string): boolean {
  return pattern.includes("{interface}");
}
