/**
 * What a cluster lacks so that every essential flow stays open under default deny: failsafes, and one policy.
 *
 * In: a snapshot, settings. Out: objects ready for `kubectl apply`; none when nothing is missing.
 * Must never happen: an object that cuts something off. So the policy has a tier of its own that passes on what it does
 * not allow, it only allows, and it selects our HostEndpoints and no pods.
 */
import { ascending } from "../model/ascending.ts";
import { allowRulesFor } from "../guard/fix/allow-rules.ts";
import { failsafePatch } from "../guard/fix/failsafe-fix.ts";
import { canBeFailsafe } from "../guard/fix/merge-failsafes.ts";
import type { FlowSettings } from "../guard/essential-flows/choose-flows.ts";
import { prepareProof } from "../guard/proof/prepare-proof.ts";
import type { JsonObject, JsonValue, KubernetesObject } from "../model/kubernetes-object.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { BASELINE_POLICY, BASELINE_TIER, OWNER_LABEL } from "../names/names.ts";

/** Before every tier that people usually make. */
const TIER_ORDER = 1;

export function baseline(
  snapshot: Pick<Snapshot, "group" | "complete" | "nodes" | "policyObjects" | "calico" | "network">,
  settings: FlowSettings & { readonly id: string },
): readonly KubernetesObject[] {
  const { flows, network } = prepareProof(snapshot, settings);
  const wanted = flows.map((it) => it.flow);
  const { tiers, globalNetworkPolicies } = snapshot.policyObjects;
  const rules = wanted.map((it) => allowRulesFor(it, network.vpc.nets));
  const tier = objectOf(snapshot.group, "Tier", BASELINE_TIER, { order: TIER_ORDER, defaultAction: "Pass" });
  const policy = objectOf(snapshot.group, "GlobalNetworkPolicy", BASELINE_POLICY, {
    tier: BASELINE_TIER,
    order: 1,
    selector: `${OWNER_LABEL} == '${settings.id}'`,
    types: ["Ingress", "Egress"],
    ingress: distinct(rules.flatMap((it) => it.ingress)),
    egress: distinct(rules.flatMap((it) => it.egress)),
  });
  const failsafes = failsafePatch(
    snapshot,
    wanted.filter((it) => canBeFailsafe(it) && it.nodes === undefined && it.onNodes === undefined),
  );
  return [
    ...(Object.keys(failsafes).length === 0
      ? []
      : [objectOf(snapshot.group, "FelixConfiguration", "default", failsafes)]),
    ...(isThere(tier, tiers) ? [] : [tier]),
    ...(isThere(policy, globalNetworkPolicies) ? [] : [policy]),
  ];
}

function objectOf(apiVersion: string, kind: string, name: string, spec: JsonObject): KubernetesObject {
  return { apiVersion, kind, metadata: { name }, spec };
}

/** The same object with the same fields, whatever else it has. */
function isThere(wanted: KubernetesObject, present: readonly KubernetesObject[]): boolean {
  const found = present.find((it) => it.metadata.name === wanted.metadata.name);
  return Object.entries(wanted.spec ?? {}).every(
    ([key, value]) => canonical(found?.spec?.[key]) === canonical(value),
  );
}

/** The API server serves the fields of an object in another order than they were written in. */
function canonical(value: JsonValue | undefined): string {
  return JSON.stringify(value, (_key, it: JsonValue) =>
    typeof it === "object" && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(ascending(([key]) => key)))
      : it,
  );
}

function distinct(rules: readonly JsonObject[]): readonly JsonObject[] {
  return [...new Map(rules.map((it) => [JSON.stringify(it), it])).values()];
}
