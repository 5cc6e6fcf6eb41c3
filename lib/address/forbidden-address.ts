import { networkContains, parseCidr, type Address, type Network } from "./parse-address.ts";

/** Why an address is no node's, whatever a Node says. */
export type Forbidden =
  | "unspecified"
  | "loopback"
  | "link-local"
  | "multicast"
  | "broadcast"
  | "metadata"
  | "the API server's"
  | "in the range of the Services";

/** Addresses of this cluster that no node has. */
export type Reserved = {
  readonly apiServers: ReadonlySet<Address["value"]>;
  readonly services: readonly Network[];
};

export const NOTHING_RESERVED: Reserved = { apiServers: new Set(), services: [] };

/** Azure's platform address, the only one of providers' that is not link-local (docs/providers.md 3). */
const AZURE_PLATFORM = 0xa83f_8110;
const BROADCAST = 0xffff_ffff;

/** IPv6 blocks of which no node address is: EC2's metadata, DNS and time services are in fd00:ec2::/32 (docs/safety.md). */
const FORBIDDEN_IPV6: readonly (readonly [Network, Forbidden])[] = (
  [
    ["::/128", "unspecified"],
    // The loopback address, and what once embedded IPv4.
    ["::/96", "loopback"],
    ["fe80::/10", "link-local"],
    ["ff00::/8", "multicast"],
    ["fd00:ec2::/32", "metadata"],
  ] as const
).flatMap(([text, why]) => {
  const network = parseCidr(text);
  return network === undefined ? [] : [[network, why] as const];
});

/**
 * Why no endpoint may have the address; undefined when one may. 169.254.0.0/16 holds the metadata, DNS and time services of
 * AWS, Azure and GCE (docs/providers.md 3).
 */
export function whyForbidden(address: Address, reserved: Reserved): Forbidden | undefined {
  return (
    (address.family === 4 ? forbiddenIPv4(address.value) : forbiddenIPv6(address)) ??
    (reserved.apiServers.has(address.value) ? "the API server's" : undefined) ??
    (reserved.services.some((it) => networkContains(it, address))
      ? "in the range of the Services"
      : undefined)
  );
}

function forbiddenIPv4(value: number): Forbidden | undefined {
  const [first, second] = [value >>> 24, (value >>> 16) & 255];
  if (first === 0) return "unspecified";
  if (first === 127) return "loopback";
  if (first === 169 && second === 254) return "link-local";
  if (first >= 224 && first < 240) return "multicast";
  if (value === BROADCAST) return "broadcast";
  return value === AZURE_PLATFORM ? "metadata" : undefined;
}

function forbiddenIPv6(address: Address): Forbidden | undefined {
  return FORBIDDEN_IPV6.find(([network]) => networkContains(network, address))?.[1];
}

/**
 * How private an IPv4 address is: 0 for the blocks of RFC 1918, 1 for 100.64.0.0/10, which AWS recommends for pods, 2 for
 * public ones. Every IPv6 address counts as private: nodes on EC2 have global ones.
 */
export function publicity(address: Address): 0 | 1 | 2 {
  if (address.family === 6) return 0;
  const [first, second] = [address.value >>> 24, (address.value >>> 16) & 255];
  if (first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168))
    return 0;
  return first === 100 && second >= 64 && second < 128 ? 1 : 2;
}
