import type { EssentialChange, TrafficImpact, TrafficVerdict } from "../../../../lib/model/impact.ts";
import type { Flow } from "../../../../lib/model/flow.ts";

/** `ingress tcp 22, 80-90 and 3 more`. */
export function sayTraffic({ direction, protocol, ports }: TrafficImpact): string {
  const most = 6;
  const shown = ports.slice(0, most).join(", ");
  const rest = ports.length - most;
  return `${DIRECTIONS[direction]} ${protocol}${ports.length === 0 ? "" : ` ${shown}`}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const DIRECTIONS = {
  ingress: "into the node:",
  egress: "out of the node:",
  "to-pods": "through the node to pods:",
  "from-pods": "through the node from pods:",
  "to-services": "to NodePorts:",
} as const satisfies Readonly<Record<TrafficImpact["direction"], string>>;

/** `deny (policy web, rule 1)`. */
export function sayVerdict({ verdict, reason, decidedBy }: TrafficVerdict): string {
  const { policy, rule, tier, profile } = decidedBy;
  const by =
    policy !== undefined
      ? `policy ${policy}${rule === undefined ? "" : `, rule ${rule + 1}`}`
      : tier !== undefined
        ? `end of tier ${tier}`
        : profile !== undefined
          ? `profile ${profile}`
          : reason;
  return `${verdict} (${by})`;
}

/** `10.0.0.9 -> 10.0.0.1:22`. */
export function sayFlow({ source, destination, dnat }: Flow): string {
  const end = ({ ip, port }: Flow["source"]) =>
    port === undefined || port === null ? ip : ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  return `${end(source)} -> ${end(destination)}${dnat === undefined || dnat === null ? "" : ` (to ${end(dnat)})`}`;
}

/** `node1, node2 and 5 more`. */
export function sayNodes(nodes: readonly string[], most = 3): string {
  const rest = nodes.length - most;
  return `${nodes.slice(0, most).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

export const CHANGE_WORDS = {
  cut: "CUT",
  "may-be-cut": "MAY BE CUT",
  opened: "opened",
} as const satisfies Readonly<Record<EssentialChange["change"], string>>;
