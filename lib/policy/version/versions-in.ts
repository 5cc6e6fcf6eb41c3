import type { CalicoFacts } from "../../model/calico-agent.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { stringAt } from "../../model/read-json.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { EVERY_VERSION, isInRanges, type CalicoVersion } from "./calico-version.ts";

/**
 * What may run in a cluster: what its agents and ClusterInformation name; where they tell nothing, every version that can have
 * stored the objects. Source: docs/calico-versions.md 1, "How we use it".
 */
export function versionsThatMayRun(
  { versions }: Pick<CalicoFacts, "versions">,
  objects: readonly KubernetesObject[],
): readonly CalicoVersion[] {
  return versions.length === 0 ? versionsThatStore(objects) : versions;
}

/**
 * The versions that objects of a file say may run; every one that can have stored them where there is an agent and nothing tells
 * which. `undefined` when they say nothing of Calico's installation at all.
 */
export function calicoVersionsIn(objects: readonly KubernetesObject[]): readonly CalicoVersion[] | undefined {
  const daemonSets = objects.filter((it) => it.kind === "DaemonSet");
  const stated = objects.flatMap(({ kind, spec }) =>
    kind === "ClusterInformation" ? (stringAt(spec, "calicoVersion") ?? []) : [],
  );
  const facts = calicoFacts({ daemonSets }, stated.find((it) => it !== "") ?? "");
  return facts.agents.length === 0 && facts.stated === "" ? undefined : versionsThatMayRun(facts, objects);
}

/** What came with a version: the API server of an older one does not know the kind, or cuts the field off. */
const EVIDENCE: readonly (readonly [since: string, shows: (object: KubernetesObject) => boolean])[] = [
  ["3.32.0", ({ kind, spec }) => kind === "FelixConfiguration" && spec?.["nodeSelector"] !== undefined],
  ["3.30.0", ({ kind }) => kind === "StagedGlobalNetworkPolicy" || kind === "StagedNetworkPolicy"],
  ["3.29.0", ({ kind, spec }) => kind === "FelixConfiguration" && spec?.["nftablesMode"] !== undefined],
  ["3.29.0", ({ kind, spec }) => kind === "Tier" || (isPolicy(kind) && spec?.["tier"] !== undefined)],
];

function isPolicy(kind: string): boolean {
  return kind === "GlobalNetworkPolicy" || kind === "NetworkPolicy";
}

function versionsThatStore(objects: readonly KubernetesObject[]): readonly CalicoVersion[] {
  const oldest = EVIDENCE.find(([, shows]) => objects.some(shows))?.[0];
  return oldest === undefined
    ? EVERY_VERSION
    : EVERY_VERSION.filter((version) => isInRanges(version, [[oldest, undefined]]));
}
