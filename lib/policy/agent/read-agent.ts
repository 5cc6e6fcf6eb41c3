import type { CalicoAgent } from "../../model/calico-agent.ts";
import type { JsonObject, KubernetesObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, numberAt, objectAt, stringAt } from "../../model/read-json.ts";
import { versionOfImage } from "../version/version-of-image.ts";
import { readPlacement } from "./read-placement.ts";
import { readVariables } from "./read-variables.ts";

/** The container that runs Felix, in every installation for Linux that was read. Source: docs/calico-versions.md 1. */
export const AGENT_CONTAINER = "calico-node";

/** True for a DaemonSet with a container `calico-node`. Its name, namespace and labels decide nothing. */
export function isAgent(object: KubernetesObject): boolean {
  return containerOf(object) !== undefined;
}

/** Reads a DaemonSet; undefined when it runs no Felix. Init containers are no agents, whatever they are called. */
export function readAgent(object: KubernetesObject): CalicoAgent | undefined {
  const container = containerOf(object);
  if (container === undefined) return undefined;
  const image = stringAt(container, "image") ?? "";
  const version = versionOfImage(image);
  const { apiGroup, ...variables } = readVariables(container);
  return {
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    image,
    ...(version === undefined ? {} : { version }),
    variables,
    ...(apiGroup === undefined ? {} : { apiGroup }),
    placement: readPlacement(templateOf(object)),
    rollout: {
      desired: numberAt(object.status, "desiredNumberScheduled") ?? 0,
      ready: numberAt(object.status, "numberReady") ?? 0,
      updated: numberAt(object.status, "updatedNumberScheduled") ?? 0,
    },
  };
}

/** `DaemonSet/namespace/name` */
export function agentName({ namespace, name }: Pick<CalicoAgent, "namespace" | "name">): string {
  return namespace === "" ? `DaemonSet/${name}` : `DaemonSet/${namespace}/${name}`;
}

function containerOf(object: KubernetesObject): JsonObject | undefined {
  if (object.kind !== "DaemonSet") return undefined;
  return arrayAt(templateOf(object), "containers")
    .filter(isJsonObject)
    .find((it) => it["name"] === AGENT_CONTAINER);
}

function templateOf({ spec }: KubernetesObject): JsonObject {
  return objectAt(objectAt(spec, "template"), "spec");
}
