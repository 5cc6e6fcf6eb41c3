import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { buildAddressSet, formatAddressSet } from "../../../lib/address/address-set.ts";
import { formatAddress, parseNetwork } from "../../../lib/address/parse-address.ts";
import { policiesFor, type ListedPolicy } from "../../../lib/policy/policies-for.ts";
import { compileWorld } from "../../../lib/policy/world/compile-world.ts";
import { policyKey } from "../../../lib/policy/world/policy.ts";
import type { World } from "../../../lib/policy/world/world.ts";
import { describeOracle, oracleCases, printAgreement } from "./oracle.ts";

type RecordedTier = {
  readonly tier: string;
  readonly default_action: string;
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
};
type RecordedEndpoint = {
  readonly profiles: readonly string[];
  readonly expected_ipv4: readonly string[];
  readonly expected_ipv6: readonly string[];
  readonly interface: string;
  readonly normal: readonly RecordedTier[];
  readonly untracked: readonly RecordedTier[];
  readonly preDNAT: readonly RecordedTier[];
  readonly forward: readonly RecordedTier[];
};
type RecordedRule = { readonly [key: string]: unknown };
type Case = {
  readonly id: string;
  readonly hostname: string;
  readonly objects: readonly KubernetesObject[];
  readonly heps: Readonly<Record<string, RecordedEndpoint>>;
  readonly policies: Readonly<
    Record<string, { readonly inbound: readonly RecordedRule[]; readonly outbound: readonly RecordedRule[] }>
  >;
  readonly ip_sets: Readonly<Record<string, readonly string[]>>;
};
const HOOKS = ["normal", "untracked", "preDNAT", "forward"] as const;

/** Our list, in the words of the recording. */
function asTiers(
  world: World,
  hook: (typeof HOOKS)[number],
  listed: readonly ListedPolicy[],
): readonly RecordedTier[] {
  const key = (entry: ListedPolicy): string => {
    const policies = world.policies.tiers.flatMap((tier) => tier.policies);
    const policy = policies.find(({ name, kind }) => name === entry.policy && kind === entry.kind);
    return policy === undefined ? "" : policyKey(policy);
  };
  return world.policies.tiers.flatMap((tier) => {
    const mine = listed.filter((entry) => entry.tier === tier.name);
    if (mine.length === 0) return [];
    const kept = hook === "normal" || hook === "forward";
    return [
      {
        tier: tier.name,
        default_action: !kept || tier.defaultAction === "pass" ? "Pass" : tier.exists ? "Deny" : "",
        ingress: mine.filter(({ directions }) => directions.includes("ingress")).map(key),
        egress: mine.filter(({ directions }) => directions.includes("egress")).map(key),
      },
    ];
  });
}

function endpointsOf(world: World, hostname: string): Readonly<Record<string, RecordedEndpoint>> {
  const own = [...world.endpoints.values()].filter(({ node }) => node === hostname);
  return Object.fromEntries(
    own.map((endpoint) => {
      const listed = policiesFor(world, endpoint.storedName);
      const lists = HOOKS.map((hook) => [hook, asTiers(world, hook, listed?.[hook] ?? [])] as const);
      const addresses = (family: 4 | 6): readonly string[] =>
        endpoint.addresses.filter((address) => address.family === family).map(formatAddress);
      const recorded = {
        profiles: endpoint.profiles,
        expected_ipv4: addresses(4),
        expected_ipv6: addresses(6),
        interface: endpoint.interfaceName,
        ...Object.fromEntries(lists),
      };
      return [endpoint.name, recorded as RecordedEndpoint];
    }),
  );
}

/** Members of the address sets that recorded rules use, as ranges. */
function setsAgree(world: World, recorded: Case): boolean {
  const policies = world.policies.tiers.flatMap((tier) => tier.policies);
  return Object.entries(recorded.policies).every(([key, rules]) => {
    const policy = policies.find((candidate) => policyKey(candidate) === key);
    if (policy === undefined) return false;
    return rules.inbound.every((rule, index) => {
      const [name] = (rule["src_ip_set_ids"] ?? rule["not_src_ip_set_ids"] ?? []) as readonly string[];
      if (name === undefined) return true;
      const source = policy.ingress[index]?.source;
      const set = source?.selectorSet ?? source?.notSelectorSet;
      const members = buildAddressSet(
        (recorded.ip_sets[name] ?? []).flatMap((text) => parseNetwork(text) ?? []),
      );
      return (
        set !== undefined &&
        JSON.stringify(formatAddressSet(world.members(set))) === JSON.stringify(formatAddressSet(members))
      );
    });
  });
}

describeOracle("hep-tiers.jsonl", () => {
  test("which policies an endpoint has, in which lists, and who is in their address sets", () => {
    const cases = oracleCases<Case>("hep-tiers.jsonl");
    const wrong = cases.filter((recorded) => {
      const world = compileWorld([...recorded.objects, node(recorded.hostname)], {
        assumeDefaultTier: false,
      });
      try {
        expect(endpointsOf(world, recorded.hostname)).toEqual(recorded.heps);
      } catch {
        return true;
      }
      return !setsAgree(world, recorded);
    });
    printAgreement("hep-tiers.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

function node(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}
