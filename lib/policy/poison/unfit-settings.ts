import type { JsonValue } from "../../model/kubernetes-object.ts";
import type { JsonRecord } from "../objects/decode-fields.ts";
import { EVERY, type PoisonRow } from "./poison.ts";

/** Accept, pass and two scratch marks, and one more for endpoints. */
const MINIMUM_MARK_BITS = 5;

/**
 * Settings that parse, and that the rendering cannot live with.
 * Source: test/oracle/poison.jsonl; docs/calico-versions.md 3.
 */
export const SETTINGS_POISON: readonly PoisonRow<JsonRecord>[] = [
  {
    source: "test/oracle/poison.jsonl",
    versions: EVERY,
    renderings: ["iptables"],
    effect: "crash-loop",
    find: ({ iptablesFilterDenyAction: deny }) =>
      typeof deny === "string" && deny.toLowerCase() === "reject"
        ? [
            {
              field: "iptablesFilterDenyAction",
              why: "Felix crashes with Reject in iptables mode",
              fix: "Use Drop.",
            },
          ]
        : [],
  },
  {
    source: "test/oracle/poison.jsonl",
    versions: EVERY,
    renderings: ["iptables"],
    effect: "crash-loop",
    find: ({ iptablesMarkMask: mask }) =>
      typeof mask === "number" && bitsOf(mask) < MINIMUM_MARK_BITS
        ? [
            {
              field: "iptablesMarkMask",
              why: `Felix needs at least ${MINIMUM_MARK_BITS} mark bits`,
              fix: "Leave the mask at its default, 0xffff0000.",
            },
          ]
        : [],
  },
  {
    source: "docs/calico-versions.md 3 (natPortRange)",
    versions: [
      ["3.29.0", "3.30.7"],
      ["3.31.0", "3.31.4"],
    ],
    renderings: ["nftables"],
    effect: "crash-loop",
    find: ({ natPortRange }) =>
      isSet(natPortRange)
        ? [
            {
              field: "natPortRange",
              why: "nftables refuses the whole transaction in which it stands",
              fix: "Take it out, or upgrade Calico.",
            },
          ]
        : [],
  },
];

function bitsOf(mask: number): number {
  return [...mask.toString(2)].filter((bit) => bit === "1").length;
}

function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== "" && value !== 0;
}
