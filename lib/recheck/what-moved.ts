import { ascending } from "../model/ascending.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ClusterReader, ListPath, ObjectVersion } from "../ports/kubernetes.ts";

/** One object that is not what it was when the proof was made. */
export type Move = { readonly object: string; readonly how: "is new" | "was changed" | "is gone" };

type Known = Pick<ObjectVersion, "name" | "namespace" | "resourceVersion" | "generation">;
type Look = { readonly kind: string; readonly at: ListPath; readonly known: readonly Known[] };

/**
 * Compares what a proof was made against with what is there now: policies, tiers, FelixConfigurations, sets where a rule asks for
 * them, the agents' DaemonSets, and in a full run the host endpoints that this run did not write. Lists of metadata, all at once.
 * Nodes are not looked at: their kubelets write them all the time.
 *
 * @param written names of endpoints that this run wrote, or tried to
 */
export async function whatMoved(
  snapshot: Snapshot,
  written: ReadonlySet<string>,
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<readonly Move[]> {
  const moves = await Promise.all(
    looksFor(snapshot).map(async (look) => {
      const found = await cluster.listVersions(look.at, signal);
      return look.kind === "DaemonSet"
        ? compareAgents(look, found)
        : compareVersions(look, found, look.kind === "HostEndpoint" ? written : new Set());
    }),
  );
  return moves.flat().sort(ascending((it) => it.object));
}

function looksFor({ group, policyObjects, hostEndpoints, complete }: Snapshot): readonly Look[] {
  const { daemonSets, namedDaemonSets, networkSets, globalNetworkSets } = policyObjects;
  const look = (kind: string, at: ListPath, objects: readonly { readonly metadata: Known }[]): Look => ({
    kind,
    at,
    known: objects.map((it) => it.metadata),
  });
  const calico = (resource: string) => ({ groupVersion: group, resource });
  const agents = { groupVersion: "apps/v1", resource: "daemonsets" };
  return [
    look("GlobalNetworkPolicy", calico("globalnetworkpolicies"), policyObjects.globalNetworkPolicies),
    look("Tier", calico("tiers"), policyObjects.tiers),
    look("FelixConfiguration", calico("felixconfigurations"), policyObjects.felixConfigurations),
    // Absent: no rule asked for a set.
    ...(networkSets === undefined
      ? []
      : [
          look("GlobalNetworkSet", calico("globalnetworksets"), globalNetworkSets),
          look("NetworkSet", calico("networksets"), networkSets),
        ]),
    ...(daemonSets === undefined ? [] : [look("DaemonSet", agents, daemonSets)]),
    ...(namedDaemonSets === undefined
      ? []
      : [look("DaemonSet", { ...agents, named: "calico-node" }, namedDaemonSets)]),
    ...(complete ? [{ kind: "HostEndpoint", at: calico("hostendpoints"), known: hostEndpoints }] : []),
  ];
}

function compareVersions(
  { kind, known }: Look,
  found: readonly ObjectVersion[],
  except: ReadonlySet<string>,
): readonly Move[] {
  const before = new Map(known.map((it) => [keyOf(it), it.resourceVersion]));
  const now = new Map(found.map((it) => [keyOf(it), it.resourceVersion]));
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((key): readonly Move[] => {
    if (except.has(key)) return [];
    const [was, is] = [before.get(key), now.get(key)];
    if (was === is) return [];
    const how = was === undefined ? "is new" : is === undefined ? "is gone" : "was changed";
    return [{ object: `${kind}/${key}`, how }];
  });
}

/**
 * A DaemonSet's status changes with every pod, so what a person wants of it is compared where it is counted. Most DaemonSets are
 * no agents, and metadata does not tell: one that is new is the next run's.
 */
function compareAgents({ kind, known }: Look, found: readonly ObjectVersion[]): readonly Move[] {
  const now = new Map(found.map((it) => [keyOf(it), it]));
  return known.flatMap((was): readonly Move[] => {
    const object = `${kind}/${keyOf(was)}`;
    const is = now.get(keyOf(was));
    if (is === undefined) return [{ object, how: "is gone" }];
    const isSame =
      was.generation === undefined
        ? was.resourceVersion === is.resourceVersion
        : was.generation === is.generation;
    return isSame ? [] : [{ object, how: "was changed" }];
  });
}

function keyOf({ name, namespace }: Known): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
