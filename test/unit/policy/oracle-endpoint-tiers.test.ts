import { expect, test } from "@jest/globals";
import { CALICO_V1 } from "../../../lib/model/calico-group.ts";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { buildAddressSet, formatAddressSet } from "../../../lib/address/address-set.ts";
import { formatAddress, parseNetwork } from "../../../lib/address/parse-address.ts";
import {
  MASTER,
  parseCalicoVersion,
  type CalicoVersion,
} from "../../../lib/policy/version/calico-version.ts";
import { aWorld } from "../../builders/a-world.ts";
import { policyKey } from "../../../lib/policy/world/policy.ts";
import type { TierPolicies } from "../../../lib/policy/world/tier-policies.ts";
import type { World } from "../../../lib/policy/world/world.ts";
import { RUN_VERSIONS, describeOracle, oracleCases, printAgreement, versionedInputs } from "./oracle.ts";

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
type Case = { readonly hostname: string; readonly objects: readonly KubernetesObject[] };
type Result = {
  readonly heps: Readonly<Record<string, RecordedEndpoint>>;
  readonly policies: Readonly<
    Record<string, { readonly inbound: readonly RecordedRule[]; readonly outbound: readonly RecordedRule[] }>
  >;
  readonly ip_sets: Readonly<Record<string, readonly string[]>>;
};
const HOOKS = ["normal", "untracked", "preDNAT", "forward"] as const;

/** The lists that a verdict asks, in the words of the recording. */
function asTiers(world: World, lists: { ingress: readonly TierPolicies[]; egress: readonly TierPolicies[] }) {
  return world.policies.tiers.flatMap((tier): readonly RecordedTier[] => {
    const of = (direction: "ingress" | "egress") => lists[direction].find((it) => it.tier === tier.name);
    const [ingress, egress] = [of("ingress"), of("egress")];
    const end = (ingress ?? egress)?.endAction;
    if (end === undefined) return [];
    const keys = (it: TierPolicies | undefined) => it?.policies.map(({ policy }) => policyKey(policy)) ?? [];
    return [
      {
        tier: tier.name,
        default_action: end === "pass" ? "Pass" : tier.exists ? "Deny" : "",
        ingress: keys(ingress),
        egress: keys(egress),
      },
    ];
  });
}

function endpointsOf(world: World, hostname: string): Readonly<Record<string, RecordedEndpoint>> {
  const own = [...world.endpoints.values()].filter(({ node }) => node === hostname);
  return Object.fromEntries(
    own.map((endpoint) => {
      const tiers = world.tiersFor(endpoint.labels);
      const lists = HOOKS.map((hook) => [hook, asTiers(world, tiers[hook])] as const);
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

/** Felix lists staged policies with the others, and enforces none of them: a verdict does not ask them. */
function enforced(endpoints: Result["heps"]): Result["heps"] {
  const isReal = (key: string) => !key.startsWith("Staged");
  const keep = (tiers: readonly RecordedTier[]) =>
    tiers.flatMap((tier) => {
      const [ingress, egress] = [tier.ingress.filter(isReal), tier.egress.filter(isReal)];
      return ingress.length + egress.length === 0 ? [] : [{ ...tier, ingress, egress }];
    });
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, it]) => [
      name,
      {
        ...it,
        normal: keep(it.normal),
        untracked: keep(it.untracked),
        preDNAT: keep(it.preDNAT),
        forward: keep(it.forward),
      },
    ]),
  );
}

/** Members of the address sets that recorded rules use, as ranges. */
function setsAgree(world: World, recorded: Result): boolean {
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

function agrees({ hostname, objects }: Case, result: Result, version: CalicoVersion): boolean {
  // Names are those of the stored objects, whatever the group of the case.
  const stored = objects.map((it) =>
    it.apiVersion === "projectcalico.org/v3" ? { ...it, apiVersion: CALICO_V1 } : it,
  );
  const world = aWorld([...stored, node(hostname)], { assumeDefaultTier: false, versions: [version] });
  try {
    expect(endpointsOf(world, hostname)).toEqual(enforced(result.heps));
  } catch {
    return false;
  }
  return setsAgree(world, result);
}

/** As Calico's client stores them: the tier before the name. */
function asClientStores({ hostname, objects }: Case): Case {
  return { hostname, objects: objects.map((it) => rename(it, clientName(it))) };
}

function clientName({ kind, apiVersion, metadata, spec }: KubernetesObject): string {
  const isTiered = kind.endsWith("NetworkPolicy") && apiVersion.includes("projectcalico.org");
  const tier = spec?.["tier"];
  const prefix = `${typeof tier === "string" && tier !== "" ? tier : "default"}.`;
  return !isTiered || metadata.name.startsWith(prefix) ? metadata.name : `${prefix}${metadata.name}`;
}

function rename(object: KubernetesObject, name: string): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, name } };
}

/** The recording shows the names of the case. */
function withClientNames(result: Result, { objects }: Case): Result {
  const names = new Map(
    objects.map((it) => [
      keyOf(it.kind, it.metadata.namespace, it.metadata.name),
      keyOf(it.kind, it.metadata.namespace, clientName(it)),
    ]),
  );
  const keys = (list: readonly string[]) => list.map((it) => names.get(it) ?? it);
  const tiers = (list: readonly RecordedTier[]) =>
    list.map((it) => ({ ...it, ingress: keys(it.ingress), egress: keys(it.egress) }));
  return {
    ...result,
    heps: Object.fromEntries(
      Object.entries(result.heps).map(([name, it]) => [
        name,
        {
          ...it,
          normal: tiers(it.normal),
          untracked: tiers(it.untracked),
          preDNAT: tiers(it.preDNAT),
          forward: tiers(it.forward),
        },
      ]),
    ),
    policies: Object.fromEntries(
      Object.entries(result.policies).map(([key, rules]) => [names.get(key) ?? key, rules]),
    ),
  };
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

describeOracle("hep-tiers.jsonl", () => {
  test("which policies an endpoint has, in which lists, and who is in their address sets", () => {
    const cases = oracleCases<Case & Result & { readonly id: string }>("hep-tiers.jsonl");
    const wrong = cases.filter((recorded) => !agrees(recorded, recorded, MASTER));
    printAgreement("hep-tiers.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test.each(RUN_VERSIONS)("the same in %s", (name) => {
    const version = parseCalicoVersion(name) ?? MASTER;
    const cases = versionedInputs<Case, Result>("hep-tiers", name);
    const wrong = cases.filter(({ input, result }) => !agrees(input, result, version));
    printAgreement(`hep-tiers.jsonl at ${name}`, cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id, note }) => `${id} ${note}`)).toEqual([]);
  });

  test.each(RUN_VERSIONS.slice(0, 2))("the same in %s for what Calico's client stored", (name) => {
    const version = parseCalicoVersion(name) ?? MASTER;
    const cases = versionedInputs<Case, Result>("hep-tiers", name, "by-client");
    const wrong = cases.filter(
      ({ input, result }) => !agrees(asClientStores(input), withClientNames(result, input), version),
    );
    printAgreement(
      `hep-tiers.jsonl at ${name}, names of the client`,
      cases.length,
      cases.length - wrong.length,
    );
    expect(wrong.map(({ id, note }) => `${id} ${note}`)).toEqual([]);
  });
});

function node(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name } };
}
