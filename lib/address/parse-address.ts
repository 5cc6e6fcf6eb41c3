/**
 * IP addresses and networks as Go reads them, because Felix compares what Go's `net` package made of the text
 * (docs/calico.md 0 item 10: expectedIPs are canonicalised before matching).
 */

export type Family = 4 | 6;

/** IPv4 values are 32-bit numbers, IPv6 values are 128-bit bigints: the common case stays cheap. */
export type Address =
  { readonly family: 4; readonly value: number } | { readonly family: 6; readonly value: bigint };

/** A network as the closed range of its addresses. */
export type Network =
  | { readonly family: 4; readonly first: number; readonly last: number; readonly prefix: number }
  | { readonly family: 6; readonly first: bigint; readonly last: bigint; readonly prefix: number };

const ALL_ONES_V6 = (1n << 128n) - 1n;
const MAPPED_PREFIX = 0xffffn;

/** Parses one address; `undefined` when Go's `net.ParseIP` would refuse it. IPv4-mapped IPv6 becomes IPv4. */
export function parseAddress(text: string): Address | undefined {
  const four = parseDottedQuad(text);
  if (four !== undefined) return { family: 4, value: four };
  const six = parseColonHex(text);
  if (six === undefined) return undefined;
  return six >> 32n === MAPPED_PREFIX
    ? { family: 4, value: Number(six & 0xffffffffn) }
    : { family: 6, value: six };
}

/** Parses `address/prefix`, host bits masked; `undefined` when Go's `net.ParseCIDR` would refuse it. */
export function parseCidr(text: string): Network | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const prefixText = text.slice(slash + 1);
  if (!/^[0-9]+$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  const host = text.slice(0, slash);
  const four = parseDottedQuad(host);
  if (four !== undefined) return prefix <= 32 ? networkV4(four, prefix) : undefined;
  const six = parseColonHex(host);
  if (six === undefined || prefix > 128) return undefined;
  const first = maskV6(six, prefix);
  // Go prints an IPv4-mapped network of 96 bits or more as IPv4, and Felix works on what was printed.
  if (prefix >= 96 && first >> 32n === MAPPED_PREFIX)
    return networkV4(Number(first & 0xffffffffn), prefix - 96);
  return { family: 6, first, last: first | (ALL_ONES_V6 >> BigInt(prefix)), prefix };
}

/** Parses a network, or a bare address as /32 or /128. */
export function parseNetwork(text: string): Network | undefined {
  if (text.includes("/")) return parseCidr(text);
  const address = parseAddress(text);
  return address === undefined ? undefined : networkOf(address);
}

/** The network that holds exactly one address. */
export function networkOf(address: Address): Network {
  return address.family === 4
    ? { family: 4, first: address.value, last: address.value, prefix: 32 }
    : { family: 6, first: address.value, last: address.value, prefix: 128 };
}

/** True when the address lies in the network. */
export function networkContains(network: Network, address: Address): boolean {
  return network.family === address.family && address.value >= network.first && address.value <= network.last;
}

/** Go's canonical spelling. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatV4(address.value) : formatV6(address.value);
}

/** Go's canonical spelling, `address/prefix`. */
export function formatNetwork(network: Network): string {
  return network.family === 4
    ? `${formatV4(network.first)}/${network.prefix}`
    : `${formatV6(network.first)}/${network.prefix}`;
}

function networkV4(value: number, prefix: number): Network {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size;
  return { family: 4, first, last: first + size - 1, prefix };
}

function maskV6(value: bigint, prefix: number): bigint {
  const hostBits = BigInt(128 - prefix);
  return (value >> hostBits) << hostBits;
}

/** Exactly four decimal parts of at most 255; a leading zero is refused, as Go does. */
function parseDottedQuad(text: string): number | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (digits === 0 || parts === 3) return undefined;
      value = value * 256 + part;
      parts++;
      part = 0;
      digits = 0;
    } else if (code >= 48 && code <= 57) {
      if (digits > 0 && part === 0) return undefined;
      part = part * 10 + code - 48;
      digits++;
      if (part > 255) return undefined;
    } else return undefined;
  }
  return parts === 3 && digits > 0 ? value * 256 + part : undefined;
}

/** RFC 4291 text, with an optional trailing dotted quad; no zone. */
function parseColonHex(text: string): bigint | undefined {
  if (!text.includes(":")) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const given = head.length + tail.length;
  if (halves.length === 2 ? given > 7 : given !== 8) return undefined;
  const groups = [...head, ...Array.from({ length: 8 - given }, () => 0), ...tail];
  return BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, "0")).join("")}`);
}

function parseGroups(text: string, mayEndInQuad: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (mayEndInQuad && index === parts.length - 1 && part.includes(".")) {
      const quad = parseDottedQuad(part);
      if (quad === undefined) return undefined;
      groups.push(Math.floor(quad / 65536), quad % 65536);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function formatV4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** RFC 5952: the first longest run of two or more zero groups is shortened. */
function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [start, length];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return bestStart < 0
    ? text(groups)
    : `${text(groups.slice(0, bestStart))}::${text(groups.slice(bestStart + bestLength))}`;
}
