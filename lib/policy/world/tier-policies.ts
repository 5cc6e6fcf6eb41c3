import type { Packet } from "../hooks/packet.ts";
import type { CompiledRule } from "../rules/compile-rule.ts";
import type { Policy } from "./policy.ts";

/** The policies of one tier that a packet meets in one hook and direction. */
export type TierPolicies = {
  readonly tier: string;
  /** What happens when none of them decides. */
  readonly endAction: "deny" | "pass";
  /** True when nobody can tell whether any of them is there: then its end may be met, or not. */
  readonly inDoubt: boolean;
  readonly policies: readonly { readonly policy: Policy; readonly rules: readonly NumberedRule[] }[];
};
/** A rule and its place in the policy's list. */
export type NumberedRule = { readonly rule: CompiledRule; readonly index: number };
export type Direction = "ingress" | "egress";

/** The part of a tier list that can matter to a packet (see narrow-policies.ts). */
export type Narrowing = (tiers: readonly TierPolicies[], packet: Packet) => readonly TierPolicies[];
