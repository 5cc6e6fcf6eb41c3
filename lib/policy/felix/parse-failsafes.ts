import type { JsonValue } from "../../model/kubernetes-object.ts";
import { formatNetwork, parseNetwork, type Network } from "../../address/parse-address.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** A port that stays open in HostEndpoint chains whatever policies say. */
export type Failsafe = {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Canonical network of the peer; empty for every peer. */
  readonly net: string;
};

/**
 * What Felix makes of a failsafe setting.
 * - `default`: unset, Felix's own list holds. - `list`: this list, possibly empty (no failsafes at all).
 * - `error`: Felix cannot parse it and exits. - `panic`: Felix crashes. - `decode-error`: no Calico component can decode the object.
 */
export type ParsedFailsafes =
  | { readonly kind: "default" }
  | { readonly kind: "list"; readonly failsafes: readonly Failsafe[] }
  | { readonly kind: "error" | "panic" | "decode-error"; readonly message: string };

export type FailsafeDirection = "inbound" | "outbound";

/** Felix's built-in lists. Source: docs/calico.md 11. */
export const DEFAULT_FAILSAFES: Readonly<Record<FailsafeDirection, readonly Failsafe[]>> = {
  inbound: defaults(
    "tcp:22",
    "udp:68",
    "tcp:179",
    "tcp:2379",
    "tcp:2380",
    "tcp:5473",
    "tcp:6443",
    "tcp:6666",
    "tcp:6667",
  ),
  outbound: defaults(
    "udp:53",
    "udp:67",
    "tcp:179",
    "tcp:2379",
    "tcp:2380",
    "tcp:5473",
    "tcp:6443",
    "tcp:6666",
    "tcp:6667",
  ),
};

function defaults(...entries: string[]): readonly Failsafe[] {
  return entries.map((entry) => {
    const [protocol, port] = entry.split(":");
    return { protocol: protocol === "udp" ? "udp" : "tcp", port: Number(port), net: "" };
  });
}

/**
 * Parses the list of a FelixConfiguration the way Calico does: entries become one string, and Felix parses the string.
 * So a protocol of `tcp:1,tcp` makes two entries, and a net that cannot be read crashes Felix before it parses anything.
 * Source: docs/calico.md 11 and 0 item 4; test/oracle/failsafes.jsonl.
 */
export function parseApiFailsafes(value: JsonValue | undefined): ParsedFailsafes {
  if (value === undefined || value === null) return { kind: "default" };
  if (!Array.isArray(value)) return decodeError("expected a list");
  const parts: string[] = [];
  for (const [index, entry] of value.entries()) {
    const part = apiEntry(entry === null ? {} : (entry as JsonValue), index);
    if (typeof part !== "string") return part;
    parts.push(part);
  }
  return parseFailsafeString(parts.length === 0 ? "none" : parts.join(","));
}

function apiEntry(entry: JsonValue, index: number): string | ParsedFailsafes {
  if (!isJsonObject(entry)) return decodeError(`[${index}]: expected an object`);
  const protocol = entry["protocol"] ?? "";
  const port = entry["port"] ?? 0;
  const net = entry["net"] ?? "";
  if (typeof protocol !== "string") return decodeError(`[${index}].protocol: expected a string`);
  if (typeof net !== "string") return decodeError(`[${index}].net: expected a string`);
  if (typeof port !== "number" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    return decodeError(`[${index}].port: expected a whole number from 0 to 65535`);
  }
  if (net === "") return `${protocol.toLowerCase()}:${port}`;
  const network = parseNetwork(net);
  if (network === undefined)
    return { kind: "panic", message: `[${index}].net: ${JSON.stringify(net)} is no network` };
  return network.family === 6
    ? `${protocol.toLowerCase()}:[${net}]:${port}`
    : `${protocol.toLowerCase()}:${net}:${port}`;
}

/**
 * Parses Felix's own string form, as it stands in `FELIX_FAILSAFE…` or in the configuration file:
 * `[protocol:][net:]port`, comma separated, IPv6 nets in brackets. `none` (any case, no blanks) is the empty list.
 * Source: docs/calico.md 11, 0 items 3 and 4; test/oracle/failsafes.jsonl.
 */
export function parseFailsafeString(text: string): ParsedFailsafes {
  if (text === "") return { kind: "default" };
  if (text.toLowerCase() === "none") return { kind: "list", failsafes: [] };
  const failsafes: Failsafe[] = [];
  for (const part of text.split(",")) {
    const entry = part.replace(/^ +| +$/g, "");
    if (entry === "") continue;
    const parsed = parseEntry(entry);
    if ("kind" in parsed) return parsed;
    failsafes.push(parsed);
  }
  return { kind: "list", failsafes };
}

function parseEntry(entry: string): Failsafe | ParsedFailsafes {
  let rest = entry;
  let net = "";
  if (entry.includes("[") && entry.includes("]")) {
    const open = entry.indexOf("[");
    const close = entry.indexOf("]:");
    // Felix slices the text here without looking: without `]:` after the bracket it crashes.
    if (close < open + 1)
      return { kind: "panic", message: `${JSON.stringify(entry)} needs "]:" after the bracketed network` };
    net = entry.slice(open + 1, close);
    rest = entry.slice(0, open) + entry.slice(close + 2);
  }
  const parts = rest.split(":");
  if (parts.length > 3) return parseError(entry, "expected protocol:net:port, protocol:port or port");
  if (parts.length === 3) net = parts[1] ?? "";
  const protocol = parts.length === 1 ? "tcp" : (parts[0] ?? "").toLowerCase();
  if (protocol !== "tcp" && protocol !== "udp")
    return parseError(entry, `unknown protocol ${JSON.stringify(protocol)}`);
  const portText = parts.at(-1) ?? "";
  if (!/^[+-]?[0-9]+$/.test(portText)) return parseError(entry, "the port must be a whole number");
  const port = Number(portText);
  if (port < 0 || port > 65_535) return parseError(entry, "the port must be from 0 to 65535");
  if (net === "") return { protocol, port: port + 0, net };
  const network = parseNetwork(net);
  if (network === undefined) return parseError(entry, `${JSON.stringify(net)} is no network`);
  return { protocol, port, net: formatNetwork(network) };
}

/** The network of an entry, parsed; `undefined` when it holds for every peer. */
export function failsafeNetwork(failsafe: Failsafe): Network | undefined {
  return failsafe.net === "" ? undefined : parseNetwork(failsafe.net);
}

function parseError(entry: string, message: string): ParsedFailsafes {
  return { kind: "error", message: `${JSON.stringify(entry)}: ${message}` };
}

function decodeError(message: string): ParsedFailsafes {
  return { kind: "decode-error", message };
}
