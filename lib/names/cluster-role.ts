/**
 * What the reconciler may do inside a cluster, in one place: `hepctl rbac` prints it, the stack hands it out as a file,
 * and the tests run as a user that has exactly this and nothing more.
 *
 * In: whether the opt-in kubelet probe is wanted. Out: Kubernetes RBAC objects, or the same as YAML with the reasons as comments.
 * Must never happen: a rule without a reason, a wildcard, or a verb that no room uses. What every authenticated user may do
 * already (discovery, SelfSubjectAccessReview: ClusterRoles `system:discovery` and `system:basic-user`) is not repeated here.
 */
import { CLUSTER_ROLE, KUBERNETES_GROUP, KUBERNETES_USER } from "./names.ts";

/** Kubernetes group and user of the break-glass Lambda. */
export const RELEASE_KUBERNETES_GROUP = `${KUBERNETES_GROUP}-release`;
export const RELEASE_KUBERNETES_USER = `${KUBERNETES_USER}-release`;

/** ClusterRole of the break-glass Lambda, and the one that the opt-in probe of canaries needs. */
export const RELEASE_CLUSTER_ROLE = `${CLUSTER_ROLE}-release`;
export const PROBE_CLUSTER_ROLE = `${CLUSTER_ROLE}-probe`;

/** Where kubelets keep their leases; fixed by Kubernetes. */
const NODE_LEASE_NAMESPACE = "kube-node-lease";

/** The two homes of Calico's objects; which of them is in force is known at run time only. */
const CALICO_GROUPS = ["crd.projectcalico.org", "projectcalico.org"] as const;

/** One rule of a Role or ClusterRole, and why it is there. */
export type ReasonedRule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
  readonly reason: string;
};

/** A Role or ClusterRole bound to one group. */
type Grant = {
  readonly name: string;
  /** Absent: cluster-wide. */
  readonly namespace?: string;
  readonly group: string;
  readonly rules: readonly ReasonedRule[];
};

/** An RBAC object as the API serves it. */
export type RbacObject = {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "ClusterRole" | "Role" | "ClusterRoleBinding" | "RoleBinding";
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Omit<ReasonedRule, "reason">[];
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly RbacSubject[];
};

type RbacSubject =
  | { readonly apiGroup: string; readonly kind: "Group"; readonly name: string }
  | ({ readonly kind: "ServiceAccount" } & ServiceAccountName);

/** Who runs `hepctl reconcile --every` in a cluster. */
export type ServiceAccountName = { readonly namespace: string; readonly name: string };

export type RbacOptions = {
  /** `settings.canary.probe`: adds `nodes/proxy`. */
  readonly probe?: boolean;
  /** Who reconciles, instead of the group of the access entry; break-glass is no business of its. */
  readonly serviceAccount?: ServiceAccountName;
};

const readNodes: ReasonedRule = {
  apiGroups: [""],
  resources: ["nodes"],
  verbs: ["get", "list"],
  reason:
    "Every endpoint is computed from its Node; before a delete, a fresh get of the Node must answer 404. No watch: a Lambda keeps none.",
};

const readMigration: ReasonedRule = {
  apiGroups: ["migration.projectcalico.org"],
  resources: ["datastoremigrations"],
  verbs: ["list"],
  reason: "While Calico moves its datastore from v1 to v3, a write would be lost: runs pause.",
};

const readApiService: ReasonedRule = {
  apiGroups: ["apiregistration.k8s.io"],
  resources: ["apiservices"],
  resourceNames: ["v3.projectcalico.org"],
  verbs: ["get"],
  reason:
    "Where both of Calico's groups are served, this says whether projectcalico.org is Calico's own API server (then v1 is the store) or CRDs.",
};

/** Both functions first find out where Calico keeps its objects and whether they may be written. */
const readClusterState: readonly ReasonedRule[] = [
  {
    apiGroups: CALICO_GROUPS,
    resources: ["clusterinformations", "kubecontrollersconfigurations"],
    verbs: ["get"],
    reason:
      "Is the datastore locked (datastoreReady), and does Calico make host endpoints of its own (autoCreate)?",
  },
  readMigration,
  readApiService,
];

const readServiceBlocks: ReasonedRule = {
  apiGroups: ["networking.k8s.io"],
  resources: ["servicecidrs"],
  resourceNames: ["kubernetes"],
  verbs: ["get"],
  reason:
    "The block of the Services' addresses, where nobody asks EKS for it: a Node that lists one of them gets no endpoint for it. This one only.",
};

/** Rules of the reconciler itself. */
const reconcilerRules: readonly ReasonedRule[] = [
  readNodes,
  {
    apiGroups: CALICO_GROUPS,
    resources: ["hostendpoints"],
    verbs: ["get", "list", "create", "update", "delete"],
    reason:
      "What this is for. No patch (updates carry the resourceVersion) and no deletecollection: one delete, one proof.",
  },
  {
    apiGroups: CALICO_GROUPS,
    resources: ["globalnetworkpolicies", "tiers", "globalnetworksets", "networksets", "felixconfigurations"],
    verbs: ["list"],
    reason:
      "The guard proves from these that no essential flow is cut before anything is written. They are never written.",
  },
  ...readClusterState,
  readServiceBlocks,
  {
    apiGroups: ["apps"],
    resources: ["daemonsets"],
    verbs: ["list"],
    reason:
      "Who enforces, which Calico, and which FELIX_ variables beat its configuration? The agent is whatever DaemonSet has a container " +
      "calico-node (calico-node, canal, rke2-canal, in any namespace; labels are not safe), so they are listed, once, and nothing else " +
      "is kept of them. With resourceNames: [calico-node] an agent of another name is not seen; its nodes then count as without failsafes.",
  },
];

/** A canary's kubelet must keep renewing its lease; the name of a lease is its Node's name, so names cannot be listed here. */
const leaseRules: readonly ReasonedRule[] = [
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    verbs: ["get"],
    reason:
      "A canary must keep renewing its lease during the soak time. Always granted: changing the stage needs no new RBAC.",
  },
];

/** The API server keeps one EndpointSlice about itself; name and namespace are fixed by Kubernetes. */
const API_SERVER_NAMESPACE = "default";

const apiServerRules: readonly ReasonedRule[] = [
  {
    apiGroups: ["discovery.k8s.io"],
    resources: ["endpointslices"],
    resourceNames: ["kubernetes"],
    verbs: ["get"],
    reason:
      "Where the API servers themselves are: the guard proves that nodes still reach them, where policies name addresses. This one only.",
  },
];

/** Rules of the break-glass function: it can put the allow profile on what exists and remove it; it can make nothing. */
const releaseRules: readonly ReasonedRule[] = [
  {
    apiGroups: CALICO_GROUPS,
    resources: ["hostendpoints"],
    verbs: ["get", "list", "update", "delete"],
    reason: "Release writes the allow profile first, then deletes what we own. It never creates.",
  },
  ...readClusterState,
];

const probeRules: readonly ReasonedRule[] = [
  {
    apiGroups: [""],
    resources: ["nodes/proxy"],
    verbs: ["get"],
    reason:
      "canary.probe asks the API server for a new connection to the kubelet of a canary (GET .../proxy/healthz). Opt-in, because it is " +
      "strong: the API server knows no smaller permission for this path, and get on nodes/proxy reaches all of a kubelet's API.",
  },
];

function grants(options: RbacOptions): readonly Grant[] {
  return [
    { name: CLUSTER_ROLE, group: KUBERNETES_GROUP, rules: reconcilerRules },
    { name: CLUSTER_ROLE, namespace: NODE_LEASE_NAMESPACE, group: KUBERNETES_GROUP, rules: leaseRules },
    { name: CLUSTER_ROLE, namespace: API_SERVER_NAMESPACE, group: KUBERNETES_GROUP, rules: apiServerRules },
    ...(options.probe === true
      ? [{ name: PROBE_CLUSTER_ROLE, group: KUBERNETES_GROUP, rules: probeRules }]
      : []),
    ...(options.serviceAccount === undefined
      ? [{ name: RELEASE_CLUSTER_ROLE, group: RELEASE_KUBERNETES_GROUP, rules: releaseRules }]
      : []),
  ];
}

const RBAC_GROUP = "rbac.authorization.k8s.io";

function role(grant: Grant): RbacObject {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: grant.namespace === undefined ? "ClusterRole" : "Role",
    metadata: metadata(grant),
    rules: grant.rules.map(({ reason: _reason, ...rule }) => rule),
  };
}

function binding(grant: Grant, { serviceAccount }: RbacOptions): RbacObject {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: grant.namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: metadata(grant),
    roleRef: {
      apiGroup: RBAC_GROUP,
      kind: grant.namespace === undefined ? "ClusterRole" : "Role",
      name: grant.name,
    },
    subjects: [
      serviceAccount === undefined
        ? { apiGroup: RBAC_GROUP, kind: "Group", name: grant.group }
        : { kind: "ServiceAccount", ...serviceAccount },
    ],
  };
}

function metadata({ name, namespace }: Grant): RbacObject["metadata"] {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { "app.kubernetes.io/name": CLUSTER_ROLE },
  };
}

/** The RBAC objects, each role before its binding, ready for `kubectl apply` or the API. */
export function rbacObjects(options: RbacOptions = {}): readonly RbacObject[] {
  return grants(options).flatMap((grant) => [role(grant), binding(grant, options)]);
}

/**
 * The same as multi-document YAML, with the reason of each rule above it. Written by hand because this folder imports
 * nothing: lists are in flow style, where JSON is YAML.
 */
export function rbacYaml(options: RbacOptions = {}): string {
  const documents = grants(options).flatMap((grant) => {
    const { rules: _rules, ...head } = role(grant);
    return [`${block(head)}rules:\n${grant.rules.map(ruleYaml).join("")}`, block(binding(grant, options))];
  });
  return documents.join("---\n");
}

function ruleYaml({ reason, ...rule }: ReasonedRule): string {
  const fields = Object.entries(rule).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `  # ${reason}\n  - ${fields.join("\n    ")}\n`;
}

function block(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}\n`)
    .join("");
}
