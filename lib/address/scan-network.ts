import { WORDS } from "./address-words.ts";

/**
 * Reads the text of an address or a network, as Go's `net` package does, into numbers that the caller keeps: nothing is left
 * behind for each of a million texts. One look at each character.
 */
export type Scanned = {
  family: 4 | 6;
  prefix: number;
  /** One word for IPv4, four for IPv6, the highest first. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
};

/** Room for what is scanned. */
export function newScanned(): Scanned {
  return { family: 4, prefix: 0, first: new Uint32Array(WORDS), last: new Uint32Array(WORDS) };
}

const DOT = 46;
const SLASH = "/";
const COLON = 58;
const ZERO = 48;
const ALL_ONES = 2 ** 32 - 1;
const MAPPED = 0xffff;
const GROUPS = 8;
const groups = new Uint16Array(GROUPS);

/**
 * `address/prefix`, host bits masked, or a bare address as /32 or /128. False when Go's `net.ParseCIDR` or `net.ParseIP`
 * would refuse it. IPv4 that is mapped into IPv6 is read as IPv4, as Go prints it.
 */
export function scanNetwork(text: string, into: Scanned): boolean {
  const slash = text.indexOf(SLASH);
  const end = slash < 0 ? text.length : slash;
  const prefix = slash < 0 ? undefined : scanPrefix(text, slash + 1);
  if (prefix === -1) return false;
  const four = scanFour(text, 0, end);
  if (four >= 0) return (prefix ?? 32) <= 32 && keepFour(into, four, prefix ?? 32);
  if ((prefix ?? 128) > 128 || !scanSix(text, end, into.first)) return false;
  const { first } = into;
  maskSix(into, prefix ?? 128);
  const isMapped = first[0] === 0 && first[1] === 0 && first[2] === MAPPED;
  if (isMapped && (prefix ?? 128) >= 96) return keepFour(into, first[3] ?? 0, (prefix ?? 128) - 96);
  return true;
}

function keepFour(into: Scanned, value: number, prefix: number): boolean {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(value / size) * size;
  into.family = 4;
  into.prefix = prefix;
  into.first[0] = first;
  into.last[0] = first + size - 1;
  return true;
}

function maskSix(into: Scanned, prefix: number): void {
  into.family = 6;
  into.prefix = prefix;
  for (let word = 0; word < WORDS; word++) {
    const bits = Math.min(32, Math.max(0, prefix - 32 * word));
    const hosts = bits === 32 ? 0 : ALL_ONES >>> bits;
    const value = into.first[word] ?? 0;
    into.first[word] = value & ~hosts;
    into.last[word] = value | hosts;
  }
}

/** Decimal digits only; -1 for anything else. Go takes leading zeros here. */
function scanPrefix(text: string, start: number): number {
  if (start === text.length) return -1;
  let value = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = Math.min(value * 10 + digit, 1_000);
  }
  return value;
}

/** Exactly four decimal parts of at most 255, a leading zero is refused, as Go does; -1 for anything else. */
function scanFour(text: string, start: number, end: number): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || parts === 3) return -1;
      value = value * 256 + part;
      parts++;
      part = 0;
      digits = 0;
    } else if (code >= ZERO && code <= ZERO + 9) {
      if (digits > 0 && part === 0) return -1;
      part = part * 10 + code - ZERO;
      digits++;
      if (part > 255) return -1;
    } else return -1;
  }
  return parts === 3 && digits > 0 ? value * 256 + part : -1;
}

/** RFC 4291 text, with an optional trailing dotted quad; no zone. */
function scanSix(text: string, end: number, words: Uint32Array): boolean {
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = 0;
    at = 2;
  }
  while (at < end) {
    if (count === GROUPS) return false;
    const begin = at;
    let group = 0;
    for (let digit = hexDigit(text, at); digit >= 0; digit = hexDigit(text, at)) {
      if (at - begin === 4) return false;
      group = group * 16 + digit;
      at++;
    }
    if (at === begin) return false;
    if (at < end && text.charCodeAt(at) === DOT) {
      const quad = count > GROUPS - 2 ? -1 : scanFour(text, begin, end);
      if (quad < 0) return false;
      groups[count] = Math.floor(quad / 65_536);
      groups[count + 1] = quad % 65_536;
      count += 2;
      at = end;
      break;
    }
    groups[count] = group;
    count++;
    if (at === end) break;
    if (text.charCodeAt(at) !== COLON) return false;
    at++;
    if (at < end && text.charCodeAt(at) === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    } else if (at >= end) return false;
  }
  if (at !== end || (gap < 0 ? count !== GROUPS : count === GROUPS)) return false;
  fillGap(count, gap);
  for (let word = 0; word < WORDS; word++)
    words[word] = (groups[2 * word] ?? 0) * 65_536 + (groups[2 * word + 1] ?? 0);
  return true;
}

/** Moves the groups behind `::` to the end, zeros before them. */
function fillGap(count: number, gap: number): void {
  if (gap < 0) return;
  const missing = GROUPS - count;
  groups.copyWithin(gap + missing, gap, count);
  groups.fill(0, gap, gap + missing);
}

/** -1 for no digit. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
