import type { AgentPlacement, NodeRequirement, NodeTerm, Toleration } from "../../model/calico-agent.ts";
import type { JsonObject } from "../../model/kubernetes-object.ts";
import { arrayAt, isJsonObject, objectAt, stringAt, stringMapAt, stringsAt } from "../../model/read-json.ts";

/** More than anybody writes; each of them is looked at for each node. */
const MOST_TERMS = 100;
const MOST_REQUIREMENTS = 100;
const MOST_VALUES = 1_000;
const MOST_TOLERATIONS = 200;
const MOST_LABELS = 100;

/**
 * Where the pods of a template may be put. What the scheduler only prefers is no matter, and neither is affinity to pods.
 *
 * @param template the pod's `spec`
 * Source: Kubernetes documentation, "Assigning Pods to Nodes" and "DaemonSet".
 */
export function readPlacement(template: JsonObject): AgentPlacement {
  const nodeSelector = stringMapAt(template, "nodeSelector");
  const affinity = objectAt(objectAt(template, "affinity"), "nodeAffinity");
  const required = affinity["requiredDuringSchedulingIgnoredDuringExecution"];
  const terms = isJsonObject(required) ? arrayAt(required, "nodeSelectorTerms") : undefined;
  const tolerations = arrayAt(template, "tolerations");
  const nodeName = stringAt(template, "nodeName");
  const operatingSystem = stringAt(objectAt(template, "os"), "name");
  return {
    ...(nodeName === undefined || nodeName === "" ? {} : { nodeName }),
    nodeSelector,
    ...(terms === undefined ? {} : { terms: terms.slice(0, MOST_TERMS).filter(isJsonObject).map(readTerm) }),
    tolerations: tolerations.slice(0, MOST_TOLERATIONS).filter(isJsonObject).map(readToleration),
    ...(operatingSystem === undefined ? {} : { operatingSystem }),
    hostNetwork: template["hostNetwork"] === true,
    unclear:
      Object.keys(nodeSelector).length > MOST_LABELS ||
      tolerations.length > MOST_TOLERATIONS ||
      (terms !== undefined && (terms.length > MOST_TERMS || terms.some(isTooLong))),
  };
}

function readTerm(term: JsonObject): NodeTerm {
  return {
    labels: readRequirements(term, "matchExpressions"),
    fields: readRequirements(term, "matchFields"),
  };
}

function readRequirements(term: JsonObject, key: string): readonly NodeRequirement[] {
  return arrayAt(term, key)
    .slice(0, MOST_REQUIREMENTS)
    .filter(isJsonObject)
    .map((it) => ({
      key: stringAt(it, "key") ?? "",
      operator: stringAt(it, "operator") ?? "",
      values: stringsAt(it, "values").slice(0, MOST_VALUES),
    }));
}

function isTooLong(term: unknown): boolean {
  if (!isJsonObject(term)) return false;
  return ["matchExpressions", "matchFields"].some((key) => {
    const requirements = arrayAt(term, key);
    return (
      requirements.length > MOST_REQUIREMENTS ||
      requirements.some((it) => isJsonObject(it) && arrayAt(it, "values").length > MOST_VALUES)
    );
  });
}

function readToleration(toleration: JsonObject): Toleration {
  return {
    key: stringAt(toleration, "key") ?? "",
    operator: stringAt(toleration, "operator") ?? "",
    value: stringAt(toleration, "value") ?? "",
    effect: stringAt(toleration, "effect") ?? "",
  };
}
