/**
 * Does a DaemonSet run a pod on a node?
 *
 * In: where it puts its pods, what the Node says of itself. Out: `yes`, `no`, or `untold` where the Node or the DaemonSet does
 * not say enough. Must never happen: a `no` for a node that the pod runs on.
 * Source: Kubernetes documentation, "Assigning Pods to Nodes", "Taints and Tolerations", "DaemonSet" (the tolerations that
 * Kubernetes adds to its pods).
 */
import type { AgentPlacement, NodeRequirement, NodeTerm, Toleration } from "../../model/calico-agent.ts";
import type { StringMap } from "../../model/kubernetes-object.ts";
import type { NodeTaint } from "../../model/node.ts";

export type Coverage = "yes" | "no" | "untold";

/** What placing looks at; a Node of the model is one. */
export type PlacedNode = {
  readonly name: string;
  /** Kubernetes' own, not Calico's. */
  readonly labels: StringMap;
  readonly taints: readonly NodeTaint[];
  readonly operatingSystem?: string;
};

/** More than anybody has; each of them is held against each toleration. */
const MOST_TAINTS = 200;

export function covers(placement: AgentPlacement, node: PlacedNode): Coverage {
  if (placement.unclear) return "untold";
  return all([
    fitsName(placement, node),
    fitsSystem(placement, node),
    fitsSelector(placement, node),
    fitsTerms(placement, node),
    fitsTaints(placement, node),
  ]);
}

/** A kubelet gives its Node these labels; a Node without one was not written whole. */
const LABELS_OF_KUBELETS: ReadonlySet<string> = new Set([
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);

function fitsName({ nodeName }: AgentPlacement, node: PlacedNode): Coverage {
  return told(nodeName === undefined || nodeName === node.name);
}

/** A kubelet refuses a pod that names another system than its own. */
function fitsSystem({ operatingSystem }: AgentPlacement, node: PlacedNode): Coverage {
  const system = node.labels["kubernetes.io/os"] ?? node.operatingSystem;
  if (operatingSystem === undefined || operatingSystem === "") return "yes";
  return system === undefined ? "untold" : told(system === operatingSystem);
}

function fitsSelector({ nodeSelector }: AgentPlacement, node: PlacedNode): Coverage {
  return all(
    Object.entries(nodeSelector).map(([key, value]) =>
      fitsRequirement({ key, operator: "In", values: [value] }, node),
    ),
  );
}

/** Terms are alternatives. A list of none, or a term of none, holds nowhere. */
function fitsTerms({ terms }: AgentPlacement, node: PlacedNode): Coverage {
  return terms === undefined ? "yes" : any(terms.map((it) => fitsTerm(it, node)));
}

function fitsTerm({ labels, fields }: NodeTerm, node: PlacedNode): Coverage {
  if (labels.length + fields.length === 0) return "no";
  return all([
    ...labels.map((it) => fitsRequirement(it, node)),
    ...fields.map((it) => (it.key === "metadata.name" ? holds(it, node.name) : "untold")),
  ]);
}

function fitsRequirement(requirement: NodeRequirement, node: PlacedNode): Coverage {
  const { key } = requirement;
  const value = Object.hasOwn(node.labels, key) ? node.labels[key] : systemLabel(key, node);
  return value === undefined && LABELS_OF_KUBELETS.has(key) ? "untold" : holds(requirement, value);
}

function systemLabel(key: string, { operatingSystem }: PlacedNode): string | undefined {
  return key === "kubernetes.io/os" || key === "beta.kubernetes.io/os" ? operatingSystem : undefined;
}

function holds({ operator, values }: NodeRequirement, value: string | undefined): Coverage {
  switch (operator) {
    case "In":
      return told(value !== undefined && values.includes(value));
    case "NotIn":
      return told(value === undefined || !values.includes(value));
    case "Exists":
      return told(value !== undefined);
    case "DoesNotExist":
      return told(value === undefined);
    case "Gt":
    case "Lt":
      return compares(operator, value, values);
    default:
      return "untold";
  }
}

/** Both sides have to be integers of 64 bits; a label that is none does not hold. */
function compares(operator: "Gt" | "Lt", value: string | undefined, values: readonly string[]): Coverage {
  const bound = values.length === 1 ? integer(values[0] ?? "") : undefined;
  const found = value === undefined ? undefined : integer(value);
  if (bound === undefined || found === undefined) return "no";
  return told(operator === "Gt" ? found > bound : found < bound);
}

const LARGEST = 2n ** 63n;

function integer(text: string): bigint | undefined {
  if (text.length > 40 || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -LARGEST && value < LARGEST ? value : undefined;
}

/** What Kubernetes adds to the pods of every DaemonSet, and the last one where they use the host's network. */
const ADDED: readonly (readonly [string, string])[] = [
  ["node.kubernetes.io/not-ready", "NoExecute"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.kubernetes.io/disk-pressure", "NoSchedule"],
  ["node.kubernetes.io/memory-pressure", "NoSchedule"],
  ["node.kubernetes.io/pid-pressure", "NoSchedule"],
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
];
const ADDED_ON_HOST_NETWORK = "node.kubernetes.io/network-unavailable";

function fitsTaints({ tolerations, hostNetwork }: AgentPlacement, { taints }: PlacedNode): Coverage {
  if (taints.length > MOST_TAINTS) return "untold";
  return all(
    taints
      .filter(({ effect }) => effect !== "PreferNoSchedule")
      .map((taint) =>
        isToleratedAlways(taint, hostNetwork) ? "yes" : any(tolerations.map((it) => tolerates(it, taint))),
      ),
  );
}

function isToleratedAlways({ key, effect }: NodeTaint, hostNetwork: boolean): boolean {
  return (
    ADDED.some(([added, its]) => added === key && its === effect) ||
    (hostNetwork && key === ADDED_ON_HOST_NETWORK && effect === "NoSchedule")
  );
}

function tolerates(toleration: Toleration, taint: NodeTaint): Coverage {
  if (toleration.effect !== "" && toleration.effect !== taint.effect) return "no";
  if (toleration.key !== "" && toleration.key !== taint.key) return "no";
  switch (toleration.operator) {
    case "Exists":
      return "yes";
    case "":
    case "Equal":
      return told(toleration.value === taint.value);
    default:
      return "untold";
  }
}

function told(answer: boolean): Coverage {
  return answer ? "yes" : "no";
}

function all(answers: readonly Coverage[]): Coverage {
  return answers.includes("no") ? "no" : answers.includes("untold") ? "untold" : "yes";
}

function any(answers: readonly Coverage[]): Coverage {
  return answers.includes("yes") ? "yes" : answers.includes("untold") ? "untold" : "no";
}
