import type { CalicoFacts } from "../../model/calico-agent.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { stringAt } from "../../model/read-json.ts";
import { calicoFacts } from "../agent/calico-facts.ts";
import { EVERY_VERSION, type CalicoVersion } from "./calico-version.ts";

/** What may run in a cluster: what its agents and ClusterInformation name, and every version where they tell nothing. */
export function versionsThatMayRun({ versions }: Pick<CalicoFacts, "versions">): readonly CalicoVersion[] {
  return versions.length === 0 ? EVERY_VERSION : versions;
}

/**
 * The versions that objects of a file say may run; every version where there is an agent and nothing tells which. `undefined`
 * when they say nothing of Calico's installation at all. Source: docs/calico-versions.md 1.
 */
export function calicoVersionsIn(objects: readonly KubernetesObject[]): readonly CalicoVersion[] | undefined {
  const daemonSets = objects.filter((it) => it.kind === "DaemonSet");
  const stated = objects.flatMap(({ kind, spec }) =>
    kind === "ClusterInformation" ? (stringAt(spec, "calicoVersion") ?? []) : [],
  );
  const facts = calicoFacts({ daemonSets }, stated.find((it) => it !== "") ?? "");
  return facts.agents.length === 0 && facts.stated === "" ? undefined : versionsThatMayRun(facts);
}
