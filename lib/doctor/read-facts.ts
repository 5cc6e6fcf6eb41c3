/**
 * Reads everything that the checks look at. A part that cannot be read is named, and does not hide the others.
 */
import { ascending } from "../model/ascending.ts";
import type { Settings } from "../config/settings.ts";
import type { CalicoFacts } from "../model/calico-agent.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import { GatewayError } from "../model/errors.ts";
import { rbacObjects } from "../names/cluster-role.ts";
import { CLUSTER_ROLE } from "../names/names.ts";
import { calicoFacts } from "../policy/agent/calico-facts.ts";
import type { InstallationReader, InstanceReader } from "../ports/aws.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import type { NetworkReader } from "../ports/network.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { readAgentObjects } from "../snapshot/read-agent-objects.ts";
import type { DoctorFacts, PermissionFact, UnreadFact } from "./facts.ts";

export type DoctorPorts = {
  readonly settings: Settings;
  readonly cluster: ClusterGateway;
  readonly access: AccessQuestions;
  readonly network?: NetworkReader;
  readonly instances?: InstanceReader;
  readonly clock: Clock;
  /** Given when the cluster is one of EKS and the asker a person. */
  readonly installation?: InstallationReader;
};

/** What an API server says of itself and of us. */
export interface AccessQuestions {
  version(signal: AbortSignal): Promise<{ readonly gitVersion: string }>;
  whoAmI(
    signal: AbortSignal,
  ): Promise<{ readonly user: string; readonly groups: readonly string[] } | undefined>;
  may(
    permission: Omit<PermissionFact, "allowed">,
    signal: AbortSignal,
  ): Promise<{ readonly allowed: boolean }>;
}

export async function readFacts(ports: DoctorPorts, signal: AbortSignal): Promise<DoctorFacts> {
  const { settings, cluster, access } = ports;
  const unread: UnreadFact[] = [];
  const attempt = async <T>(what: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      unread.push({ what, because: error.message });
      return undefined;
    }
  };
  const plan = await attempt(
    "the plan",
    reconcile({ triggers: [{ kind: "resync", source: "manual" }], mode: "plan" }, ports, signal),
  );
  const group = plan?.snapshot.group;
  const [version, identity, permissions, calico, installation] = await Promise.all([
    attempt("the version of Kubernetes", access.version(signal)),
    attempt("who we are", access.whoAmI(signal)),
    attempt("what we may do", askPermissions(wantedPermissions(settings, group), access, signal)),
    plan?.snapshot.calico ?? attempt("the agents of Calico", readCalico(cluster, signal)),
    ports.installation?.read(signal),
  ]);
  return {
    settings,
    kubernetesVersion: version?.gitVersion ?? "",
    identity: identity ?? { user: "", groups: [] },
    permissions: permissions ?? [],
    calico,
    plan,
    unread: unread.sort(ascending((it) => it.what)),
    ...(installation === undefined ? {} : { installation }),
  };
}

/** Where no plan could be made: agents can be looked at without anything else. */
async function readCalico(cluster: ClusterGateway, signal: AbortSignal): Promise<CalicoFacts> {
  return calicoFacts(await readAgentObjects(cluster, signal));
}

/** Each verb that our role grants, for the API group in force. */
export function wantedPermissions(
  settings: Settings,
  group: CalicoGroup | undefined,
): readonly Omit<PermissionFact, "allowed">[] {
  const inForce = group?.split("/")[0];
  const other = (apiGroup: string) =>
    /^(crd\.)?projectcalico\.org$/.test(apiGroup) && inForce !== undefined && apiGroup !== inForce;
  return rbacObjects({ probe: settings.canary.probe })
    .filter((it) => it.metadata.name === CLUSTER_ROLE)
    .flatMap(({ metadata, rules }) =>
      (rules ?? []).flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
        apiGroups
          .filter((it) => !other(it))
          .flatMap((apiGroup) =>
            resources.flatMap((resource) =>
              verbs.map((verb) => ({
                verb,
                group: apiGroup,
                resource,
                name: resourceNames?.[0] ?? "",
                namespace: metadata.namespace ?? "",
              })),
            ),
          ),
      ),
    );
}

function askPermissions(
  wanted: readonly Omit<PermissionFact, "allowed">[],
  access: AccessQuestions,
  signal: AbortSignal,
): Promise<readonly PermissionFact[]> {
  return Promise.all(wanted.map(async (it) => ({ ...it, allowed: (await access.may(it, signal)).allowed })));
}
