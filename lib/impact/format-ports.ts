import type { PortRange } from "../guard/traffic/traffic.ts";

/** `22`, `80-90`. */
export function formatPorts(ranges: readonly PortRange[]): readonly string[] {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
}
