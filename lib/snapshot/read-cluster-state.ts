import { CALICO_V1, type CalicoGroup } from "../model/calico-group.ts";
import { DeniedError, NotFoundError } from "../model/errors.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { stringAt } from "../model/read-json.ts";
import type { ClusterState } from "../model/snapshot.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { autoCreationOf } from "./auto-creation.ts";
import {
  CALICO_V1_GROUP_NAME,
  CALICO_V3_GROUP_NAME,
  chooseGroup,
  type ChosenGroup,
  type GroupFacts,
} from "./choose-group.ts";
import { readAgentGroup } from "./read-agent-group.ts";

const MIGRATION_GROUP_NAME = "migration.projectcalico.org";
/** Newest first: Calico 3.32 serves v1beta1, later versions both. */
const MIGRATION_VERSIONS = ["migration.projectcalico.org/v1", "migration.projectcalico.org/v1beta1"];
const API_SERVICES = { groupVersion: "apiregistration.k8s.io/v1", resource: "apiservices" };

export type ReadClusterState = {
  readonly group: CalicoGroup;
  readonly state: ClusterState;
  /** `spec.calicoVersion` of ClusterInformation/default; empty when it says nothing. */
  readonly calicoVersion: string;
};

/**
 * Finds Calico's API group and whether it may be written: 3 requests in the common case.
 * @throws NotFoundError when Calico's definitions are not there.
 */
export async function readClusterState(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ReadClusterState> {
  const apiGroups = await cluster.listApiGroups(signal);
  const both = apiGroups.includes(CALICO_V1_GROUP_NAME) && apiGroups.includes(CALICO_V3_GROUP_NAME);
  const [migrations, apiService] = await Promise.all([
    apiGroups.includes(MIGRATION_GROUP_NAME) ? listMigrations(cluster, signal) : [],
    both ? readApiService(cluster, signal) : undefined,
  ]);
  const facts = { apiGroups, migrations, ...(apiService === undefined ? {} : { apiService }) };
  const chosen = await settleGroup(facts, cluster, signal);
  if (chosen === undefined)
    throw new NotFoundError(
      "the cluster serves neither crd.projectcalico.org nor projectcalico.org: Calico is not installed, or keeps its objects in etcd. " +
        "Install Calico with the Kubernetes datastore.",
    );
  const [information, controllers] = await Promise.all([
    cluster.getObject({ groupVersion: chosen.group, resource: "clusterinformations" }, "default", signal),
    cluster.getObject(
      { groupVersion: chosen.group, resource: "kubecontrollersconfigurations" },
      "default",
      signal,
    ),
  ]);
  const { group } = chosen;
  const state: ClusterState = { autoHostEndpoints: autoCreationOf(controllers).kind === "on" };
  const calicoVersion = stringAt(information?.spec, "calicoVersion") ?? "";
  if (chosen.pause !== undefined) return { group, state: { ...state, paused: chosen.pause }, calicoVersion };
  if (information?.spec?.["datastoreReady"] === false)
    return {
      group,
      calicoVersion,
      state: {
        ...state,
        paused: {
          reason: "datastore-locked",
          detail: "ClusterInformation/default says datastoreReady: false: Calico's datastore is locked",
          fix:
            group === CALICO_V1
              ? "finish the upgrade or migration that locked it (calicoctl datastore migrate unlock)"
              : "finish the upgrade that locked it",
        },
      },
    };
  return { group, state, calicoVersion };
}

/** What is unclear from the API is asked of calico-node, which was told. */
async function settleGroup(
  facts: GroupFacts,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<ChosenGroup | undefined> {
  const chosen = chooseGroup(facts);
  if (chosen?.pause?.reason !== "group-unclear") return chosen;
  const agentGroup = await readAgentGroup(cluster, signal);
  return agentGroup === undefined ? chosen : chooseGroup({ ...facts, agentGroup });
}

async function listMigrations(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  for (const groupVersion of MIGRATION_VERSIONS) {
    try {
      return await cluster.listObjects({ groupVersion, resource: "datastoremigrations" }, signal);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  return [];
}

async function readApiService(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  try {
    return await cluster.getObject(API_SERVICES, "v3.projectcalico.org", signal);
  } catch (error) {
    if (error instanceof DeniedError) return undefined;
    throw error;
  }
}
