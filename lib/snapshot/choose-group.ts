/**
 * Which of Calico's two API groups is the datastore, and whether it may be written now.
 *
 * In: what discovery, the APIService and the DatastoreMigrations say. Out: the group, and a pause with its reason.
 * Must never happen: writing into a store that nobody reads (docs/calico.md 1.1).
 */
import { CALICO_V1, CALICO_V3, type CalicoGroup } from "../model/calico-group.ts";
import type { JsonObject, KubernetesObject } from "../model/kubernetes-object.ts";
import type { Pause } from "../model/snapshot.ts";

export const CALICO_V1_GROUP_NAME = "crd.projectcalico.org";
export const CALICO_V3_GROUP_NAME = "projectcalico.org";

export type GroupFacts = {
  readonly apiGroups: readonly string[];
  /** `v3.projectcalico.org`; absent when it does not exist or may not be read. Only asked for when both groups are served. */
  readonly apiService?: KubernetesObject;
  readonly migrations: readonly KubernetesObject[];
  /** What calico-node was told by `CALICO_API_GROUP`, on every DaemonSet alike; only asked for when nothing else says. */
  readonly agentGroup?: string;
};
export type ChosenGroup = { readonly group: CalicoGroup; readonly pause?: Pause };

/** Undefined when neither group is served: Calico is not installed, or keeps its objects in etcd. */
export function chooseGroup(facts: GroupFacts): ChosenGroup | undefined {
  const v1 = facts.apiGroups.includes(CALICO_V1_GROUP_NAME);
  const v3 = facts.apiGroups.includes(CALICO_V3_GROUP_NAME);
  if (!v1 && !v3) return undefined;
  const migration = facts.migrations[0];
  if (migration !== undefined) return groupDuring(migration, v1 ? CALICO_V1 : CALICO_V3);
  if (!v1) return { group: CALICO_V3 };
  if (!v3 || isAggregated(facts.apiService)) return { group: CALICO_V1 };
  // Calico compares without case, and takes every other word for v1 (docs/calico.md 1.1).
  if (facts.agentGroup !== undefined)
    return { group: facts.agentGroup.toLowerCase() === CALICO_V3 ? CALICO_V3 : CALICO_V1 };
  return {
    group: CALICO_V1,
    pause: {
      reason: "group-unclear",
      detail:
        "both crd.projectcalico.org and projectcalico.org are served from CRDs, and neither a DatastoreMigration nor CALICO_API_GROUP of calico-node says which one Calico reads",
      fix: "set CALICO_API_GROUP of calico-node, remove the CRDs of the group that Calico does not use, or finish the datastore migration",
    },
  };
}

/** An unreadable APIService counts as the aggregated server: that is what Calico's own discovery assumes. */
function isAggregated(apiService: KubernetesObject | undefined): boolean {
  if (apiService === undefined) return true;
  return apiService.spec?.["service"] !== undefined && apiService.spec["service"] !== null;
}

/** Phases of the DatastoreMigration CRD: only `Complete` means that every component reads v3. */
function groupDuring(migration: KubernetesObject, before: CalicoGroup): ChosenGroup {
  const status: JsonObject = migration.status ?? {};
  const phase = typeof status["phase"] === "string" ? status["phase"] : "Pending";
  if (phase === "Complete") return { group: CALICO_V3 };
  if (phase === "Failed") return { group: before };
  return {
    group: before,
    pause: {
      reason: "migration-in-progress",
      detail: `DatastoreMigration/${migration.metadata.name} is in phase ${phase}: Calico is moving its objects to projectcalico.org/v3`,
      fix: "wait until the migration is Complete; runs go on by themselves then",
    },
  };
}
