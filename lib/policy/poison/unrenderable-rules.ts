import { parseNetwork } from "../../address/parse-address.ts";
import { actionOf } from "../rules/compile-rule.ts";
import type { Rule } from "../rules/decode-rule.ts";
import { ICMP, ICMPV6, protocolNumber } from "../rules/protocol.ts";
import { EVERY, type Found, type PoisonRow } from "./poison.ts";

/**
 * Rules that Felix keeps and cannot turn into what the kernel takes: it crashes on each node where the policy selects something.
 * Source: docs/calico-versions.md 3; docs/calico.md 0 items 6 and 11; test/oracle/poison.jsonl.
 */
export const RULE_POISON: readonly PoisonRow<Rule>[] = [
  {
    source: "docs/calico.md 0, item 6",
    versions: EVERY,
    renderings: ["iptables", "nftables"],
    effect: "crash-loop",
    find: (rule) =>
      actionOf(rule.action) === "unknown"
        ? [{ field: "action", why: `${rule.action} is no action`, fix: "Use Allow, Deny, Log or Pass." }]
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (numeric 1/58 with icmp)",
    versions: EVERY,
    renderings: ["iptables", "nftables"],
    effect: "crash-loop",
    find: ({ protocol, icmp, notIcmp }) =>
      protocol?.kind === "number" &&
      (protocol.number === ICMP || protocol.number === ICMPV6) &&
      (icmp?.type !== undefined || notIcmp?.type !== undefined)
        ? [
            {
              field: "protocol",
              why: "an ICMP type needs the protocol's name, not its number",
              fix: "Write ICMP or ICMPv6.",
            },
          ]
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (protocol with notProtocol)",
    versions: EVERY,
    renderings: ["iptables"],
    effect: "crash-loop",
    find: ({ protocol, notProtocol }) =>
      protocol !== undefined && notProtocol !== undefined
        ? [
            {
              field: "notProtocol",
              why: "iptables takes one protocol match",
              fix: "Leave notProtocol out; protocol says enough.",
            },
          ]
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (icmp without protocol)",
    versions: EVERY,
    renderings: ["iptables"],
    effect: "crash-loop",
    find: (rule) =>
      rule.protocol === undefined
        ? icmpFields(rule).map((field) => ({
            field,
            why: "iptables has no ICMP type without a protocol",
            fix: "Add protocol: ICMP, or ICMPv6.",
          }))
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (ICMP with ipVersion 6)",
    versions: EVERY,
    renderings: ["iptables"],
    effect: "crash-loop",
    find: (rule) => (hasForeignFamily(rule) && icmpFields(rule).length > 0 ? [FOREIGN_FAMILY] : []),
  },
  {
    source: "docs/calico-versions.md 3 (ICMP type and code)",
    versions: [["3.29.0", undefined]],
    renderings: ["nftables"],
    effect: "crash-loop",
    find: (rule) =>
      icmpFields(rule)
        .filter((field) => (field === "icmp" ? rule.icmp : rule.notIcmp)?.code !== undefined)
        .map((field) => ({
          field,
          why: "nftables mode cannot match an ICMP type together with a code",
          fix: "Match the type alone.",
        })),
  },
  {
    source: "docs/calico-versions.md 3 (notNets of everything)",
    versions: [
      [undefined, "3.29.6"],
      ["3.30.0", "3.30.3"],
    ],
    renderings: ["iptables"],
    effect: "crash-loop",
    find: (rule) => negatedEverything(rule, "iptables has no match for everything negated"),
  },
  {
    source: "docs/calico-versions.md 3 (notNets of everything)",
    versions: [
      ["3.29.6", "3.30.0"],
      ["3.30.3", undefined],
    ],
    effect: "drops-rule",
    find: (rule) => negatedEverything(rule, "it can never match, and Felix leaves it out"),
  },
  {
    source: "docs/calico-versions.md 3 (unparseable net in a rule)",
    versions: [[undefined, "3.31.5"]],
    effect: "crash-loop",
    find: (rule) =>
      netsOf(rule).flatMap(([field, nets]) =>
        nets.flatMap((net, index) =>
          parseNetwork(net) === undefined
            ? [
                {
                  field: `${field}[${index}]`,
                  why: `${JSON.stringify(net.slice(0, LONGEST_SHOWN))} is no network`,
                  fix: "Write a network, like 10.0.0.0/8.",
                },
              ]
            : [],
        ),
      ),
  },
];

const LONGEST_SHOWN = 64;

const FOREIGN_FAMILY: Found = {
  field: "ipVersion",
  why: "its ICMP is of the other IP version, which iptables refuses",
  fix: "Use ICMP with ipVersion 4, ICMPv6 with ipVersion 6.",
};

/** Fields that ask for an ICMP type; a code alone is ignored (docs/calico.md 6). */
function icmpFields({ icmp, notIcmp }: Rule): readonly ("icmp" | "notICMP")[] {
  return [
    ...(icmp?.type === undefined ? [] : (["icmp"] as const)),
    ...(notIcmp?.type === undefined ? [] : (["notICMP"] as const)),
  ];
}

function hasForeignFamily({ ipVersion, protocol }: Rule): boolean {
  if (protocol?.kind !== "name") return false;
  const number = protocolNumber(protocol);
  return (ipVersion === 6 && number === ICMP) || (ipVersion === 4 && number === ICMPV6);
}

function netsOf({
  source,
  destination,
}: Rule): readonly (readonly [field: string, nets: readonly string[]])[] {
  return [
    ["source.nets", source.nets],
    ["source.notNets", source.notNets],
    ["destination.nets", destination.nets],
    ["destination.notNets", destination.notNets],
  ];
}

function negatedEverything(rule: Rule, why: string): readonly Found[] {
  return netsOf(rule).flatMap(([field, nets]) =>
    field.endsWith("notNets")
      ? nets.flatMap((net, index) =>
          parseNetwork(net)?.prefix === 0
            ? [
                {
                  field: `${field}[${index}]`,
                  why: `${net} is every address, and ${why}`,
                  fix: "Take the entry out, or the rule.",
                },
              ]
            : [],
        )
      : [],
  );
}
