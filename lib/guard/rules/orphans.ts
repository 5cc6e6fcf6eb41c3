import { formatAddress, parseAddress, type Address } from "../../address/parse-address.ts";
import { addressSetContains } from "../../address/address-set.ts";
import type { Finding } from "../../model/finding.ts";
import type { HostEndpoint } from "../../model/host-endpoint.ts";
import type { Node } from "../../model/node.ts";
import { isOwned } from "../../plan/ownership.ts";
import type { CompiledRule } from "../../policy/rules/compile-rule.ts";
import type { World } from "../../policy/world/world.ts";
import { worldOf } from "../../world/world-of.ts";
import { nothingAgainst, type Rule } from "../rule.ts";

const MOST_NAMED = 3;

/**
 * Endpoints of others whose Node is gone govern nothing, but their addresses go on to count in selectors of rules; and an address
 * is given to another machine sooner or later, which is then let in under labels that it does not have.
 */
export const orphansRule: Rule = ({ snapshot, safety }) => {
  const none = { judge: nothingAgainst, findings: [] };
  if (!snapshot.complete) return none;
  const present = new Set(snapshot.nodes.map((it) => it.name));
  const orphans = snapshot.hostEndpoints.filter(
    (it) => !present.has(it.node) && !isOwned(it, safety.id) && it.skipped === undefined,
  );
  if (orphans.length === 0) return none;
  const owners = ownersOf(snapshot.nodes);
  const world = worldOf(snapshot);
  return { judge: nothingAgainst, findings: orphans.map((it) => findingFor(it, world, owners)) };
};

function findingFor(orphan: HostEndpoint, world: World, owners: ReadonlyMap<string, Node>): Finding {
  const addresses = orphan.expectedIPs.flatMap((it) => parseAddress(it) ?? []);
  const opened = policiesThatCount(world, addresses);
  const taken = addresses.flatMap((it) => {
    const node = owners.get(formatAddress(it));
    return node === undefined
      ? []
      : [
          `${formatAddress(it)} is Node/${node.name}'s${node.createdAt === undefined ? "" : ` since ${node.createdAt}`}`,
        ];
  });
  const counts =
    opened.length === 0
      ? "no rule counts its addresses"
      : `its addresses (${addresses.slice(0, MOST_NAMED).map(formatAddress).join(", ")}) still count in rules of ${named(opened)}`;
  return {
    severity: opened.length > 0 ? "warning" : "info",
    code: "foreign-orphan",
    object: `HostEndpoint/${orphan.name}`,
    message: `its node ${orphan.node} is gone, and it is not ours; ${[counts, ...taken.slice(0, MOST_NAMED)].join("; ")}`,
    fix: '"hepctl adopt --orphans" removes it, after asking for the Node once more',
  };
}

function named(policies: readonly string[]): string {
  const rest = policies.length - MOST_NAMED;
  return `${policies.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Policies with a rule whose selector finds one of the addresses. */
function policiesThatCount(world: World, addresses: readonly Address[]): readonly string[] {
  const holds = (set: number | undefined) =>
    set !== undefined && addresses.some((it) => addressSetContains(world.members(set), it));
  const counts = ({ source, destination }: CompiledRule) =>
    [source, destination].some((it) => holds(it.selectorSet) || holds(it.notSelectorSet));
  return world.policies.tiers
    .flatMap((tier) => tier.policies)
    .filter((it) => !it.staged && [...it.ingress, ...it.egress].some(counts))
    .map((it) => `${it.kind}/${it.shownName}`);
}

function ownersOf(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  return new Map(
    nodes.flatMap((node) =>
      node.addresses.flatMap(({ address: text }) => {
        const address = parseAddress(text);
        return address === undefined ? [] : [[formatAddress(address), node] as const];
      }),
    ),
  );
}
