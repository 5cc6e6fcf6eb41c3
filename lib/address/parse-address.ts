/**
 * IP addresses and networks as Go reads them, because Felix compares what Go's `net` package made of the text
 * (docs/calico.md 0 item 10: expectedIPs are canonicalised before matching).
 */

import { ascending } from "../model/ascending.ts";
import { joinWords } from "./address-words.ts";
import { newScanned, scanNetwork } from "./scan-network.ts";

export type Family = 4 | 6;

/** IPv4 values are 32-bit numbers, IPv6 values are 128-bit bigints: the common case stays cheap. */
export type Address =
  { readonly family: 4; readonly value: number } | { readonly family: 6; readonly value: bigint };

/** A network as the closed range of its addresses. */
export type Network =
  | { readonly family: 4; readonly first: number; readonly last: number; readonly prefix: number }
  | { readonly family: 6; readonly first: bigint; readonly last: bigint; readonly prefix: number };

const scanned = newScanned();

/** Parses one address; `undefined` when Go's `net.ParseIP` would refuse it. IPv4-mapped IPv6 becomes IPv4. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes("/") || !scanNetwork(text, scanned)) return undefined;
  return scanned.family === 4
    ? { family: 4, value: scanned.first[0] ?? 0 }
    : { family: 6, value: joinWords(scanned.first) };
}

/** Parses `address/prefix`, host bits masked; `undefined` when Go's `net.ParseCIDR` would refuse it. */
export function parseCidr(text: string): Network | undefined {
  return text.includes("/") ? parseNetwork(text) : undefined;
}

/** Parses a network, or a bare address as /32 or /128. An IPv4-mapped network of 96 bits or more is IPv4, as Go prints it. */
export function parseNetwork(text: string): Network | undefined {
  if (!scanNetwork(text, scanned)) return undefined;
  const { prefix, first, last } = scanned;
  return scanned.family === 4
    ? { family: 4, first: first[0] ?? 0, last: last[0] ?? 0, prefix }
    : { family: 6, first: joinWords(first), last: joinWords(last), prefix };
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

/** IPv4 first, ascending. */
export const compareAddresses = ascending<Address>(
  (it) => it.family,
  (it) => it.value,
);
