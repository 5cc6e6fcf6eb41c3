/**
 * A workload as the API serves it -> what places, configures and counts one of its containers. A list of all DaemonSets of a
 * cluster is some hundred kilobytes of volumes, probes and other programs' variables, which nobody here should hold.
 */
import type { JsonObject, KubernetesObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt } from "../../model/read-json.ts";

const PLACING = ["nodeName", "nodeSelector", "affinity", "tolerations", "os", "hostNetwork"] as const;
const CONFIGURING = ["name", "image", "env", "envFrom"] as const;
const COUNTING = ["desiredNumberScheduled", "numberReady", "updatedNumberScheduled"] as const;

/** Undefined when its pods have no container of that name; init containers do not count. */
export function projectWorkload(object: KubernetesObject, container: string): KubernetesObject | undefined {
  const { apiVersion, kind, metadata, spec, status } = object;
  const template = objectAt(objectAt(spec, "template"), "spec");
  const found = arrayAt(template, "containers")
    .filter(isJsonObject)
    .find((it) => it["name"] === container);
  if (found === undefined) return undefined;
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(generation === undefined ? {} : { generation }),
    },
    spec: { template: { spec: { ...pick(template, PLACING), containers: [pick(found, CONFIGURING)] } } },
    ...(status === undefined ? {} : { status: pick(status, COUNTING) }),
  };
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])));
}
