import { DeniedError } from "../model/errors.ts";
import type { KubernetesObject } from "../model/kubernetes-object.ts";
import type { AgentObjects } from "../policy/agent/calico-facts.ts";
import { AGENT_CONTAINER } from "../policy/agent/read-agent.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";

const AGENTS = { groupVersion: "apps/v1", resource: "daemonsets", container: AGENT_CONTAINER };
/** The name that a role from before may list; most installations have it (docs/calico-versions.md 1). */
const NAMED_AGENTS = { ...AGENTS, named: "calico-node" };

/**
 * The DaemonSets that run Felix: one list over all namespaces, for neither name nor labels tell which they are. Where that may
 * not be listed, those of the usual name; a role that is too small must not stop the run, and `doctor` says what is missing.
 */
export async function readAgentObjects(cluster: ClusterReader, signal: AbortSignal): Promise<AgentObjects> {
  const daemonSets = await unlessDenied(cluster.listObjects(AGENTS, signal));
  if (daemonSets !== undefined) return { daemonSets };
  const namedDaemonSets = await unlessDenied(cluster.listObjects(NAMED_AGENTS, signal));
  return namedDaemonSets === undefined ? {} : { namedDaemonSets };
}

async function unlessDenied(
  reading: Promise<readonly KubernetesObject[]>,
): Promise<readonly KubernetesObject[] | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DeniedError) return undefined;
    throw error;
  }
}
