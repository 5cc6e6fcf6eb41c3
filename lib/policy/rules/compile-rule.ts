import { hasFamily, holdsWholeFamily, readAddressSet, type AddressSet } from "../../address/address-set.ts";
import type { Family } from "../../address/parse-address.ts";
import { beyondBounds, withinBounds } from "./bounds.ts";
import type { IcmpFields, Rule, RuleEnd } from "./decode-rule.ts";
import type { Port } from "./port.ts";
import { ICMP, ICMPV6, protocolNumber, type Protocol } from "./protocol.ts";
import { combineRuleSelectors } from "./rule-end-selector.ts";
import type { SetTable } from "./set-table.ts";

export type RuleAction = "allow" | "deny" | "pass" | "log" | "unknown";

/** A rule ready to be matched: nets parsed, selectors turned into numbered sets. */
export type CompiledRule = {
  readonly action: RuleAction;
  /** False when the rule cannot apply to packets of that family at all. */
  readonly appliesToV4: boolean;
  readonly appliesToV6: boolean;
  readonly protocol: number | undefined;
  readonly notProtocol: number | undefined;
  readonly icmp: CompiledIcmp | undefined;
  readonly notIcmp: CompiledIcmp | undefined;
  readonly source: CompiledEnd;
  readonly destination: CompiledEnd;
  /** The rule names Services: whether it matches cannot be known from policies alone. */
  readonly services: boolean;
  /**
   * What is beyond the bounds of looking. `rule`: something in it, so that it may match what fits the rest of it, or not.
   * `policy`: something elsewhere in its policy, so that it matches what fits it if the policy is there at all.
   */
  readonly undecidable: "no" | "rule" | "policy";
};
export type CompiledIcmp = { readonly type: number; readonly code: number | undefined };

export type CompiledEnd = {
  /** False when this end asks for nothing: the common case, skipped at once. */
  readonly restricts: boolean;
  readonly nets: AddressSet | undefined;
  readonly notNets: AddressSet | undefined;
  readonly ports: CompiledPorts | undefined;
  readonly notPorts: CompiledPorts | undefined;
  /** Number of an address set of the SetTable. */
  readonly selectorSet: number | undefined;
  readonly notSelectorSet: number | undefined;
};
export type CompiledPorts = {
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
  /** Numbers of named-port sets of the SetTable. */
  readonly sets: readonly number[];
};

/** Compiles a rule that Felix kept. Source: docs/calico.md 6 and 7. */
export function compileRule(rule: Rule, namespace: string, sets: SetTable): CompiledRule {
  const protocol = rule.protocol === undefined ? undefined : protocolNumber(rule.protocol);
  const source = compileEnd(withinBounds(rule.source), namespace, protocol, sets);
  const destination = compileEnd(withinBounds(rule.destination), namespace, protocol, sets);
  const applies = (family: Family): boolean =>
    familyOf(rule) !== otherFamily(family) &&
    [source, destination].every((end) => netsApply(end.nets, family) && notNetsApply(end.notNets, family));
  return {
    action: actionOf(rule.action),
    appliesToV4: applies(4),
    appliesToV6: applies(6),
    protocol,
    notProtocol: rule.notProtocol === undefined ? undefined : protocolNumber(rule.notProtocol),
    icmp: compileIcmp(rule.icmp),
    notIcmp: compileIcmp(rule.notIcmp),
    source,
    destination,
    services: rule.source.services || rule.destination.services,
    undecidable: beyondBounds(rule) === undefined ? "no" : "rule",
  };
}

/** The same rule in a policy that may not be there. */
export function inDoubt(rule: CompiledRule): CompiledRule {
  return rule.undecidable === "rule" ? rule : { ...rule, undecidable: "policy" };
}

/** Any case; empty means allow, and an unknown word crashes Felix's renderer (docs/calico.md 0 item 6). */
export function actionOf(action: string): RuleAction {
  switch (action.toLowerCase()) {
    case "":
    case "allow":
      return "allow";
    case "deny":
      return "deny";
    case "pass":
    case "next-tier":
      return "pass";
    case "log":
      return "log";
    default:
      return "unknown";
  }
}

/** A protocol *name* ICMP or ICMPv6 fixes the family; the numbers 1 and 58 do not. */
function familyOf(rule: Rule): Family | undefined {
  if (rule.ipVersion === 4 || rule.ipVersion === 6) return rule.ipVersion;
  return nameFamily(rule.protocol);
}

function nameFamily(protocol: Protocol | undefined): Family | undefined {
  if (protocol?.kind !== "name") return undefined;
  const number = protocolNumber(protocol);
  return number === ICMP ? 4 : number === ICMPV6 ? 6 : undefined;
}

function otherFamily(family: Family): Family {
  return family === 4 ? 6 : 4;
}

/** A list that has entries, but none of this family, takes the whole rule away for this family. */
function netsApply(nets: AddressSet | undefined, family: Family): boolean {
  return nets === undefined || hasFamily(nets, family);
}

/** The same holds for negated lists, and a negated /0 of the family can match nothing. */
function notNetsApply(nets: AddressSet | undefined, family: Family): boolean {
  return nets === undefined || (hasFamily(nets, family) && !holdsWholeFamily(nets, family));
}

/** Entries that cannot be read are dropped, even when none is left: the rule then widens. */
function netSet(texts: readonly string[]): AddressSet | undefined {
  if (texts.length === 0) return undefined;
  const nets = readAddressSet(texts);
  return hasFamily(nets, 4) || hasFamily(nets, 6) ? nets : undefined;
}

/** A code without a type is ignored (docs/calico.md 6). */
function compileIcmp(icmp: IcmpFields | undefined): CompiledIcmp | undefined {
  return icmp?.type === undefined ? undefined : { type: icmp.type, code: icmp.code };
}

function compileEnd(
  end: RuleEnd,
  namespace: string,
  protocol: number | undefined,
  sets: SetTable,
): CompiledEnd {
  const selector = combineRuleSelectors(end, namespace);
  // Beside a positive selector the negative one is folded into it, and is then asked of the object, not of the address.
  const positive =
    selector !== "" && end.notSelector !== "" ? `(${selector}) && (!(${end.notSelector}))` : selector;
  const compiled = {
    nets: netSet(end.nets),
    notNets: netSet(end.notNets),
    ports: compilePorts(end.ports, positive, protocol, sets),
    notPorts: compilePorts(end.notPorts, positive, protocol, sets),
    selectorSet: positive === "" ? undefined : sets.addressSet(positive),
    notSelectorSet: selector === "" && end.notSelector !== "" ? sets.addressSet(end.notSelector) : undefined,
  };
  return { ...compiled, restricts: Object.values(compiled).some((criterion) => criterion !== undefined) };
}

function compilePorts(
  ports: readonly Port[],
  selector: string,
  protocol: number | undefined,
  sets: SetTable,
): CompiledPorts | undefined {
  if (ports.length === 0) return undefined;
  return {
    ranges: ports.flatMap((port) => (port.kind === "range" ? [{ first: port.first, last: port.last }] : [])),
    sets: ports.flatMap((port) =>
      port.kind === "name" ? [sets.namedPortSet(port.name, protocol, selector)] : [],
    ),
  };
}
