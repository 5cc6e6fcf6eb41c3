import { expect, test } from "@jest/globals";
import type { KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import { parseCalicoVersion, type CalicoVersion } from "../../../lib/policy/version/calico-version.ts";
import { tieBreakerOf, tierOf, type PlacedPolicy } from "../../../lib/policy/version/place-policy.ts";
import { rulesOf } from "../../../lib/policy/version/version-rules.ts";
import { arrangeTiers, compilePolicies } from "../../../lib/policy/world/compile-policies.ts";
import { RUN_VERSIONS, describeOracle, oracleCases, printAgreement, versionedInputs } from "./oracle.ts";

type RecordedPolicy = {
  readonly tier: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly order?: number | null;
};
type Case = {
  readonly tiers: readonly {
    readonly name: string;
    readonly order?: number | null;
    readonly defaultAction?: "Deny" | "Pass" | null;
  }[];
  readonly policies: readonly RecordedPolicy[];
};
type Place = readonly [tier: string, kind: string, namespace: string, name: string];
type Result = {
  readonly order: readonly (readonly [tier: string, name: string])[];
  readonly order_full: readonly Place[];
  readonly order_raw_tiers: readonly (readonly [tier: string, name: string])[];
  readonly tier_sequence: readonly {
    readonly name: string;
    readonly exists: boolean;
    readonly default_action: string;
    readonly policies: number;
  }[];
};

const NEWEST = parseCalicoVersion("master") as CalicoVersion;
const GROUP = "crd.projectcalico.org/v1";
const CALICO_KINDS = new Set([
  "GlobalNetworkPolicy",
  "NetworkPolicy",
  "StagedGlobalNetworkPolicy",
  "StagedNetworkPolicy",
]);

/** What a version reads: Felix of 3.29 knows no staged policies, and none before 3.32 the cluster policies of Kubernetes. */
function isRead({ kind }: RecordedPolicy, version: CalicoVersion): boolean {
  if (kind.startsWith("Staged")) return rulesOf(version).stagedPolicies === "read";
  return kind !== "KubernetesClusterNetworkPolicy" || rulesOf(version).tierFrom === "spec";
}

/** Through whole objects, as a cluster serves them. Kubernetes' own policies have no order there, and are left to the other way. */
function byObjects(
  { tiers, policies }: Case,
  version: CalicoVersion,
): Pick<Result, "order_full" | "tier_sequence"> {
  const objects: readonly KubernetesObject[] = [
    ...tiers.map(({ name, order, defaultAction }) => ({
      apiVersion: GROUP,
      kind: "Tier",
      metadata: { name },
      spec: { order: order ?? null, defaultAction: defaultAction ?? null },
    })),
    ...policies.map(({ kind, namespace, name, tier, order }) => ({
      apiVersion: GROUP,
      kind,
      metadata: namespace === "" ? { name } : { name, namespace },
      spec: { tier, order: order ?? null },
    })),
  ];
  const compiled = compilePolicies(objects, { assumeDefaultTier: false, versions: [version] });
  return {
    order_full: compiled.tiers.flatMap((tier) =>
      tier.policies.map((it): Place => [tier.name, it.kind, it.namespace, it.name]),
    ),
    tier_sequence: compiled.tiers.map((tier) => ({
      name: tier.name,
      exists: tier.exists,
      default_action: !tier.exists ? "" : tier.defaultAction === "pass" ? "Pass" : "Deny",
      policies: tier.policies.length,
    })),
  };
}

/** Through the same places and ties, for kinds and orders that no object can have; `order` fills in a tier that has none. */
function byPlaces(
  { tiers, policies }: Case,
  version: CalicoVersion,
  order: number | undefined,
): readonly Place[] {
  const rules = rulesOf(version);
  const placed = policies
    .filter((it) => isRead(it, version))
    .map((policy) => {
      const place: PlacedPolicy = { ...policy, apiVersion: GROUP };
      return {
        ...policy,
        order: policy.order ?? undefined,
        tier: tierOf(rules, place),
        tieBreaker: tieBreakerOf(rules, place),
      };
    });
  const known = tiers.map((tier) => ({
    name: tier.name,
    exists: true,
    order: tier.order ?? order,
    defaultAction: "deny" as const,
  }));
  return arrangeTiers(new Map(known.map((it) => [it.name, it])), placed).flatMap((tier) =>
    tier.policies.map((it): Place => [tier.name, it.kind, it.namespace, it.name]),
  );
}

const short = (places: readonly Place[]) => places.map(([tier, , , name]) => [tier, name]);

/** The recorded parts that differ; none when all agree. */
function differences(input: Case, result: Result, version: CalicoVersion): readonly string[] {
  const isPlain = input.policies.every(({ kind }) => CALICO_KINDS.has(kind));
  const whole = isPlain ? byObjects(input, version) : { order_full: byPlaces(input, version, 1_000_000) };
  const got = {
    ...whole,
    order: short(whole.order_full),
    order_raw_tiers: short(byPlaces(input, version, undefined)),
  };
  return Object.entries(got)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(result[key as keyof Result]))
    .map(([key]) => key);
}

/** On the way to Felix, what is staged for Kubernetes gets the order of every policy of Kubernetes. */
function asRead(input: Case): Case {
  const policies = input.policies.map((it) =>
    it.kind === "StagedKubernetesNetworkPolicy" ? { ...it, order: 1_000 } : it,
  );
  return { ...input, policies };
}

/** Calico's client puts the tier before a name that does not begin with it. */
function asClientStores(input: Case): Case {
  const policies = input.policies.map((policy) =>
    policy.kind.includes("Kubernetes") ? policy : { ...policy, name: clientName(policy) },
  );
  return { ...input, policies };
}

function clientName({ name, tier }: RecordedPolicy): string {
  const isReserved = /^(knp\.default|ossg)\./.test(name);
  return isReserved || name.startsWith(`${tier}.`) ? name : `${tier}.${name}`;
}

/** The result with the names that the client stores, in place of those of the case. */
function withNames(result: Result, input: Case): Result {
  const stored = new Map(
    input.policies.map((it) => [`${it.kind}/${it.namespace}/${it.name}`, clientName(it)] as const),
  );
  const rename = ([tier, kind, namespace, name]: Place): Place => [
    tier,
    kind,
    namespace,
    kind.includes("Kubernetes") ? name : (stored.get(`${kind}/${namespace}/${name}`) ?? name),
  ];
  return { ...result, order_full: result.order_full.map(rename) };
}

describeOracle("policy-order.jsonl", () => {
  test("the order in which Felix asks", () => {
    const cases = oracleCases<Case & Result & { readonly id: string }>("policy-order.jsonl");
    const wrong = cases
      .map((recorded) => ({ id: recorded.id, differs: differences(recorded, recorded, NEWEST) }))
      .filter(({ differs }) => differs.length > 0);
    printAgreement("policy-order.jsonl", cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });

  test.each(RUN_VERSIONS)("the order in which Felix %s asks", (name) => {
    const version = parseCalicoVersion(name) as CalicoVersion;
    const cases = versionedInputs<Case, Result>("policy-order", name);
    const wrong = cases
      .map(({ id, note, input, result }) => ({
        id,
        note,
        differs: differences(asRead(input), result, version),
      }))
      .filter(({ differs }) => differs.length > 0);
    printAgreement(`policy-order.jsonl at ${name}`, cases.length, cases.length - wrong.length);
    expect(wrong).toEqual([]);
  });

  test.each(RUN_VERSIONS.slice(0, 2))(
    "the order in which Felix %s asks what Calico's client stored",
    (name) => {
      const version = parseCalicoVersion(name) as CalicoVersion;
      const cases = versionedInputs<Case, Result>("policy-order", name, "by-client");
      const wrong = cases
        .map(({ id, note, input, result }) => {
          const got = byPlaces(asRead(asClientStores(input)), version, 1_000_000);
          const want = withNames(result, input).order_full;
          return { id, note, got, want };
        })
        .filter(({ got, want }) => JSON.stringify(got) !== JSON.stringify(want));
      printAgreement(
        `policy-order.jsonl at ${name}, names of the client`,
        cases.length,
        cases.length - wrong.length,
      );
      expect(wrong).toEqual([]);
    },
  );
});
