import type { KubernetesObject } from "../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt } from "../model/read-json.ts";
import { AGENT_CONTAINER } from "../policy/agent/read-agent.ts";
import type { ClusterReader } from "../ports/kubernetes.ts";
import { readAgentObjects } from "./read-agent-objects.ts";

const VARIABLE = "CALICO_API_GROUP";

/** `CALICO_API_GROUP` of calico-node; undefined where it is not set, comes from elsewhere, or two DaemonSets disagree. */
export async function readAgentGroup(
  cluster: ClusterReader,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { daemonSets, namedDaemonSets } = await readAgentObjects(cluster, signal);
  const [first, ...others] = (daemonSets ?? namedDaemonSets ?? []).map(groupOf);
  return others.every((it) => it === first) ? first : undefined;
}

function groupOf(daemonSet: KubernetesObject): string | undefined {
  const pod = objectAt(objectAt(daemonSet.spec, "template"), "spec");
  const container = arrayAt(pod, "containers")
    .filter(isJsonObject)
    .find((it) => it["name"] === AGENT_CONTAINER);
  const variable = arrayAt(container, "env")
    .filter(isJsonObject)
    .find((it) => it["name"] === VARIABLE);
  const value = stringAt(variable, "value");
  return value === undefined || value === "" ? undefined : value;
}
