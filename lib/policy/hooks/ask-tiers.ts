import type { DecidedBy, Hook, VerdictReason } from "../../model/verdict.ts";
import { matchRule } from "../rules/match-rule.ts";
import { numberRules } from "../world/select-policies.ts";
import type { NumberedRule, TierPolicies } from "../world/tier-policies.ts";
import { decide, tell, type Context, type Decision } from "./decision.ts";
import type { Packet } from "./packet.ts";

/** Who is asked, for the story and for `decidedBy`. */
export type Asked = { readonly hook: Hook; readonly hostEndpoint?: string };

/**
 * What a rule list says, with the rules that may or may not match remembered: the answer is only certain when every
 * possibility leads to the same end.
 */
type Doubt = {
  readonly reason: VerdictReason;
  readonly effect: "allow" | "deny" | "pass" | "unknown";
  readonly decidedBy: DecidedBy;
};

/**
 * Asks tiers in order, in each its policies in order, in each its rules in order. The first Allow or Deny ends it, Pass
 * leads to the next tier, Log to the next rule. A tier in which a policy was asked and none decided ends in its default action.
 * Source: docs/calico.md 10 step 3, and 21.
 */
export function askTiers(
  context: Context,
  asked: Asked,
  tiers: readonly TierPolicies[],
  packet: Packet,
): Decision {
  const doubts: Doubt[] = [];
  for (const [index, tier] of context.world.narrow(tiers, packet).entries()) {
    if (context.trace !== undefined) tellSkipped(context, asked, tiers[index]?.policies ?? [], tier);
    let passed = false;
    let settled = 0;
    for (const { policy, rules } of tier.policies) {
      const doubted = doubts.length;
      const found = firstTerminal(context, rules, packet, doubts);
      const decidedBy = (): DecidedBy => ({ ...asked, tier: tier.tier, policy: policy.name });
      for (let doubt = doubted; doubt < doubts.length; doubt++) nameDoubt(doubts, doubt, decidedBy());
      if (found === undefined) {
        if (context.trace !== undefined)
          tell(
            context,
            () => `${asked.hook}: policy ${policy.name} of tier ${tier.tier} has no rule that matches`,
          );
        continue;
      }
      tell(
        context,
        () =>
          `${asked.hook}: rule ${found.rule} of policy ${policy.name} in tier ${tier.tier} says ${found.action}`,
      );
      if (found.action === "unknown")
        return decide("unknown", "unknown-action", { ...decidedBy(), rule: found.rule });
      if (found.isIfThere) {
        settled++;
        continue;
      }
      if (found.action !== "pass")
        return settle(doubts, decide(found.action, "rule", { ...decidedBy(), rule: found.rule }));
      passed = true;
      break;
    }
    // The end of a tier that may not be met counts, unless each policy that may be there decides before it.
    const mayEnd = !tier.inDoubt || settled < (tiers[index]?.policies.length ?? 0);
    if (!passed && tier.endAction === "deny" && tier.inDoubt && mayEnd) {
      tell(context, () => `${asked.hook}: whether tier ${tier.tier} is met at all is undecidable`);
      doubts.push({
        reason: "unknown-selector",
        effect: "deny",
        decidedBy: { ...asked, tier: tier.tier, ...nameFirst(tiers[index]) },
      });
    } else if (!passed && tier.endAction === "deny" && mayEnd) {
      tell(context, () => `${asked.hook}: tier ${tier.tier} ends with its default action Deny`);
      return settle(doubts, decide("deny", "end-of-tier", { ...asked, tier: tier.tier }));
    }
    tell(context, () => `${asked.hook}: tier ${tier.tier} passes the packet on`);
  }
  return settle(doubts, decide("none", "not-governed"));
}

function nameFirst(tier: TierPolicies | undefined): DecidedBy {
  const name = tier?.policies[0]?.policy.name;
  return name === undefined ? {} : { policy: name };
}

/** Few are told by name; of many it is enough that none of them speaks of such packets. */
const MOST_NAMED = 3;

/** Policies without a rule for this kind of packet (its family, protocol and port) are not asked; the story says so. */
function tellSkipped(
  context: Context,
  asked: Asked,
  all: TierPolicies["policies"],
  { tier, policies }: TierPolicies,
): void {
  const skipped = all.length - policies.length;
  if (skipped > MOST_NAMED)
    tell(
      context,
      () =>
        `${asked.hook}: ${skipped} of the ${all.length} policies of tier ${tier} have no rule that matches`,
    );
  else if (skipped > 0) {
    const kept = new Set(policies.map(({ policy }) => policy));
    for (const { policy } of all)
      if (!kept.has(policy))
        tell(context, () => `${asked.hook}: policy ${policy.name} of tier ${tier} has no rule that matches`);
  }
}

type Found = {
  readonly action: "allow" | "deny" | "pass" | "unknown";
  readonly rule: number;
  /** It decides if its policy is there at all, which is among the doubts. */
  readonly isIfThere: boolean;
};

function firstTerminal(
  context: Context,
  rules: readonly NumberedRule[],
  packet: Packet,
  doubts: Doubt[],
): Found | undefined {
  for (const { rule, index } of rules) {
    if (rule.action === "log") continue;
    const match = matchRule(context.world, rule, packet);
    if (match === "yes") return { action: rule.action, rule: index, isIfThere: false };
    if (match === "no") continue;
    doubts.push({ reason: match, effect: rule.action, decidedBy: { rule: index } });
    if (match === "unknown-selector" && rule.undecidable === "policy")
      return { action: rule.action, rule: index, isIfThere: true };
  }
  return undefined;
}

/** Rules know their number only; whose rule it was is added here. */
function nameDoubt(doubts: Doubt[], index: number, by: DecidedBy): void {
  const doubt = doubts[index];
  if (doubt !== undefined) doubts[index] = { ...doubt, decidedBy: { ...by, ...doubt.decidedBy } };
}

/** A doubt does not matter when its rule would have led to the same end. */
function settle(doubts: readonly Doubt[], decision: Decision): Decision {
  const open = doubts.find((doubt) => doubt.effect !== decision.effect);
  return open === undefined ? decision : decide("unknown", open.reason, open.decidedBy);
}

/**
 * Asks the profiles of an endpoint in order; a profile that does not exist denies. One that may exist, because its namespace or
 * service account was not read, is a doubt. Source: docs/calico.md 3 and 10 step 4; docs/calico-versions.md 5.
 */
export function askProfiles(
  context: Context,
  asked: Asked,
  profiles: readonly string[],
  direction: "ingress" | "egress",
  packet: Packet,
): Decision {
  let unread: string | undefined;
  const orUnknown = (decision: Decision): Decision =>
    unread === undefined || decision.effect !== "allow"
      ? decision
      : decide("unknown", "unknown-profile", { ...asked, profile: unread });
  for (const name of profiles) {
    const profile = context.world.policies.profiles.get(name);
    if (profile === undefined) {
      const there = mayBeThere(context, name);
      if (there === "allows") {
        tell(context, () => `${asked.hook}: whether profile ${name} exists, which would allow, is not known`);
        return decide("unknown", "unknown-profile", { ...asked, profile: name });
      }
      if (there === "says-nothing") {
        tell(
          context,
          () => `${asked.hook}: whether profile ${name} exists is not known; without it, this denies`,
        );
        unread ??= name;
        continue;
      }
      tell(context, () => `${asked.hook}: profile ${name} does not exist, which denies`);
      return decide("deny", "missing-profile", { ...asked, profile: name });
    }
    const doubts: Doubt[] = [];
    const found = firstTerminal(context, numberRules(profile[direction]), packet, doubts);
    if (found?.action === "allow" || found?.action === "deny") {
      const { action } = found;
      tell(context, () => `${asked.hook}: profile ${name} says ${action}`);
      return orUnknown(settle(doubts, decide(action, "profile", { ...asked, profile: name })));
    }
  }
  tell(context, () => `${asked.hook}: no profile decided, which denies`);
  return decide("deny", "no-profile", asked);
}

/** What a profile that was not found would say, if it exists: those of namespaces allow, those of service accounts have no rules. */
function mayBeThere(context: Context, name: string): "allows" | "says-nothing" | undefined {
  const { unread } = context.world.policies;
  if (name.startsWith("kns.") && unread.has("Namespace")) return "allows";
  return name.startsWith("ksa.") && unread.has("ServiceAccount") ? "says-nothing" : undefined;
}
