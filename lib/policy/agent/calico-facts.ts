import type { CalicoAgent, CalicoFacts } from "../../model/calico-agent.ts";
import type { CalicoVersion } from "../../model/calico-version.ts";
import type { KubernetesObject } from "../../model/kubernetes-object.ts";
import { compareCalicoVersions, parseCalicoVersion } from "../version/calico-version.ts";
import { ascending } from "../../model/ascending.ts";
import { readAgent } from "./read-agent.ts";

/** More agents than any cluster has: what is behind them counts as not seen. */
const MOST_AGENTS = 100;

export type AgentObjects = {
  /** Every DaemonSet was looked at; these are among them. */
  readonly daemonSets?: readonly KubernetesObject[];
  /** Only DaemonSets called `calico-node` may be listed. */
  readonly namedDaemonSets?: readonly KubernetesObject[];
};

/**
 * Who enforces, and which Calico. Objects that are no agents are left out.
 *
 * @param stated `spec.calicoVersion` of ClusterInformation/default; empty when it says nothing
 * Source: docs/calico-versions.md 1.
 */
export function calicoFacts({ daemonSets, namedDaemonSets }: AgentObjects, stated = ""): CalicoFacts {
  const found = (daemonSets ?? namedDaemonSets ?? [])
    .flatMap((it) => readAgent(it) ?? [])
    .sort(
      ascending(
        (it) => it.namespace,
        (it) => it.name,
      ),
    );
  const agents = found.slice(0, MOST_AGENTS);
  const isWhole = daemonSets !== undefined && agents.length === found.length;
  return {
    versions: versionsOf(agents, stated),
    agents,
    looked: isWhole ? "all" : daemonSets === undefined && namedDaemonSets === undefined ? "none" : "named",
    stated,
  };
}

/**
 * Image tags tell best what runs; ClusterInformation names whoever started last, so it speaks for an image without a version
 * only where there is no other agent. What it says beside them counts, too: it may be true of nodes that are not updated yet.
 */
function versionsOf(agents: readonly CalicoAgent[], stated: string): readonly CalicoVersion[] {
  const named = parseCalicoVersion(stated.slice(0, 100));
  const tagged = agents.map((it) => it.version);
  const isUnknown = tagged.includes(undefined) && (named === undefined || agents.length > 1);
  return isUnknown ? [] : distinct([...tagged, named].filter((it) => it !== undefined));
}

function distinct(versions: readonly CalicoVersion[]): readonly CalicoVersion[] {
  return versions
    .toSorted(compareCalicoVersions)
    .filter((it, index, all) => index === 0 || compareCalicoVersions(it, all[index - 1] ?? it) !== 0);
}
