import { describe, expect, test } from "@jest/globals";
import { guardPlan } from "../../../lib/guard/guard-plan.ts";
import type { JsonObject, KubernetesObject } from "../../../lib/model/kubernetes-object.ts";
import {
  aCalicoNode,
  aFelixConfiguration,
  aGlobalNetworkPolicy,
  aGuardRequest,
  aTier,
} from "../../builders/a-guard-request.ts";

/** The DaemonSet of a version. */
function agentOf(version: string): KubernetesObject {
  const agent = aCalicoNode();
  const spec = JSON.parse(
    JSON.stringify(agent.spec ?? {}).replace(/calico\/node:[^"]*/, `calico/node:${version}`),
  ) as JsonObject;
  return { ...agent, spec };
}

/** Withheld actions and findings of a cluster whose agents have these versions. */
function guarded(
  policies: readonly KubernetesObject[],
  {
    versions = [],
    felix = [],
    tiers = [],
  }: {
    readonly versions?: readonly string[];
    readonly felix?: readonly KubernetesObject[];
    readonly tiers?: readonly KubernetesObject[];
  } = {},
) {
  const { withheld, findings } = guardPlan(
    aGuardRequest({
      nodes: ["node-1"],
      policies,
      felix,
      tiers,
      ...(versions.length === 0 ? {} : { daemonSets: versions.map(agentOf) }),
    }),
  );
  return {
    reasons: withheld.map((it) => it.violation.reason),
    details: withheld.map((it) => it.violation.detail).join("\n"),
    codes: [...new Set(findings.map((it) => `${it.severity} ${it.code}`))],
  };
}

const nodes = "has(kubernetes.io/hostname)";
const both = { types: ["Ingress", "Egress"], selector: nodes };
const open = { ...both, ingress: [{ action: "Allow" }], egress: [{ action: "Allow" }] };
const closed = { ...both, ingress: [{ action: "Deny" }], egress: [{ action: "Deny" }] };

describe("a proof is made for every version that may run", () => {
  const tied = [aGlobalNetworkPolicy("base", closed), aGlobalNetworkPolicy("base-open", open)];

  test("equal orders: open in 3.32, closed up to 3.31", () => {
    expect(guarded(tied, { versions: ["v3.32.1"] }).reasons).toEqual([]);
    expect(guarded(tied, { versions: ["v3.31.7"] }).reasons).toEqual(["essential-flow-cut"]);
  });

  test("during an upgrade, or without a word about the version, it is not known, and the write waits", () => {
    for (const versions of [["v3.31.7", "v3.32.1"], []]) {
      const { reasons, details } = guarded(tied, { versions });
      expect(reasons).toEqual(["essential-flow-unknown"]);
      expect(details).toContain("versions of Calico that may run differ");
    }
  });

  test("what all versions read alike is proven once and for all", () => {
    expect(guarded([aGlobalNetworkPolicy("open", open)]).reasons).toEqual([]);
  });

  test("a tier by spec.tier alone, which only 3.32 reads", () => {
    const inTier = [
      aGlobalNetworkPolicy("gate", { ...open, tier: "early" }),
      aGlobalNetworkPolicy("base", { ...closed, order: 1 }),
    ];
    const tiers = [aTier("early", { order: 1 })];
    expect(guarded(inTier, { tiers, versions: ["v3.32.1"] }).reasons).toEqual([]);
    expect(guarded(inTier, { tiers, versions: ["v3.30.0"] }).reasons).toEqual(["essential-flow-cut"]);
    expect(guarded(inTier, { tiers }).reasons).toEqual(["essential-flow-unknown"]);
    const named = [
      aGlobalNetworkPolicy("early.gate", { ...open, tier: "early" }),
      aGlobalNetworkPolicy("base", { ...closed, order: 1 }),
    ];
    expect(guarded(named, { tiers }).reasons).toEqual([]);
  });
});

describe("what some versions crash over", () => {
  const garbage = aGlobalNetworkPolicy("garbage", {
    ...open,
    ingress: [{ action: "Allow", source: { nets: ["nowhere"] } }, { action: "Allow" }],
  });
  const withCode = aGlobalNetworkPolicy("icmp", {
    ...open,
    ingress: [{ action: "Allow", protocol: "ICMP", icmp: { type: 3, code: 4 } }, { action: "Allow" }],
  });

  test("holds writes back where such a version runs, or may run", () => {
    expect(guarded([garbage], { versions: ["v3.31.4"] }).reasons).toEqual(["poison-object"]);
    expect(guarded([garbage]).reasons).toEqual(["poison-object"]);
    expect(guarded([garbage], { versions: ["v3.31.5"] }).reasons).toEqual([]);
  });

  test("in nftables mode, when it is configured; when kube-proxy decides it is told, and holds nothing back", () => {
    const felix = [aFelixConfiguration({ nftablesMode: "Enabled" })];
    expect(guarded([withCode], { versions: ["v3.31.7"], felix }).reasons).toEqual(["poison-object"]);
    const automatic = guarded([withCode], { versions: ["v3.32.1"] });
    expect(automatic.reasons).toEqual([]);
    expect(automatic.codes).toContain("warning poison-object");
    expect(guarded([withCode], { versions: ["v3.31.7"] }).codes).not.toContain("warning poison-object");
  });

  test("a rule that can never match is told", () => {
    const never = aGlobalNetworkPolicy("never", {
      ...open,
      ingress: [{ action: "Deny", source: { notNets: ["0.0.0.0/0"] } }, { action: "Allow" }],
    });
    const told = guarded([never], { versions: ["v3.31.7"] });
    expect(told).toMatchObject({ reasons: [] });
    expect(told.codes).toContain("warning dropped-by-felix");
    expect(guarded([never], { versions: ["v3.28.1"] }).reasons).toEqual(["poison-object"]);
  });
});
