/**
 * Words that the code, the infrastructure and the cluster must agree on.
 * Everything here is a constant or a pure function of the settings; nothing is read.
 */

/** Label on every HostEndpoint that we own; its value is the installation's id (`settings.id`). */
export const OWNER_LABEL = "hostendpoint-reconciler/owner";

/** Annotations that begin so are ours; all others are left alone. */
export const OWNED_ANNOTATION_PREFIX = "hostendpoint-reconciler/";

/** Annotation: UID of the Node object that the HostEndpoint was made for. With the provider ID it is the machine's identity. */
export const NODE_UID_ANNOTATION = "hostendpoint-reconciler/node-uid";

/** Annotation: `spec.providerID` of that Node. */
export const PROVIDER_ID_ANNOTATION = "hostendpoint-reconciler/provider-id";

/** Annotation: where a canary rollout stands for this endpoint (JSON, see lib/guard). */
export const ROLLOUT_ANNOTATION = "hostendpoint-reconciler/rollout";

/** Annotation: which settings made the endpoint (JSON, see lib/model/settings-fingerprint.ts). Says who wrote, and is never drift. */
export const SETTINGS_ANNOTATION = "hostendpoint-reconciler/settings";

/** Annotation of one endpoint of ours that stays: how many deletions there were of late (JSON, see lib/model/deletion-ledger.ts). */
export const DELETIONS_ANNOTATION = "hostendpoint-reconciler/deletions";

/** Annotation: this endpoint's deletion was over the budget and waits for a person. Its value says of which (a `DeletionClass`). */
export const WAITS_ANNOTATION = "hostendpoint-reconciler/deletion-waits";

/** Annotation: a person has confirmed the deletion of this endpoint, until then (RFC 3339). */
export const CONFIRMED_ANNOTATION = "hostendpoint-reconciler/deletion-confirmed-until";

/** Where the mark of a stopped rollout is: an endpoint of ours for no node, on an interface that no machine has. */
export const HALT_NODE = "rollout-halted.invalid";
export const HALT_INTERFACE = "rollout-halted";
export function haltName(id: string): string {
  return `${id}.rollout-halted`;
}

/** Calico's label on automatic HostEndpoints. Never written by us: disabling autoCreate deletes all that carry it. */
export const CALICO_CREATED_BY_LABEL = "projectcalico.org/created-by";

/** Its value: which of Calico's programs made the endpoint. */
export const CALICO_CREATED_BY_VALUE = "calico-kube-controllers";

/** Ending of the names that Calico gives to automatic HostEndpoints. */
export const AUTO_HOST_ENDPOINT_SUFFIX = "-auto-hep";

/** Annotation in which Calico's clients keep the v3 metadata of a `crd.projectcalico.org/v1` object. */
export const CALICO_METADATA_ANNOTATION = "projectcalico.org/metadata";

/** The profile that allows everything in both directions; it exists in every Kubernetes datastore. */
export const ALLOW_PROFILE = "projectcalico-default-allow";

/** Tier and policy that `hepctl baseline` prints. A policy outside the tier `default` is named after its tier. */
export const BASELINE_TIER = "hostendpoint-baseline";
export const BASELINE_POLICY = `${BASELINE_TIER}.essential-flows`;

/** Kubernetes group and user of the Lambda, as the access entry and the ClusterRoleBinding name them. */
export const KUBERNETES_GROUP = "hostendpoint-reconciler";
export const KUBERNETES_USER = "hostendpoint-reconciler";

/** ClusterRole (and binding) that `hepctl rbac` prints. */
export const CLUSTER_ROLE = "hostendpoint-reconciler";

/**
 * CloudWatch namespace and dimensions of our metrics (EMF). Each metric is there twice: by cluster, for people, and by cluster and
 * installation, for alarms: two ids in one cluster share the first and must not hear of each other.
 */
export const METRIC_NAMESPACE = "HostEndpointReconciler";
export const METRIC_DIMENSION = "Cluster";
export const METRIC_ID_DIMENSION = "Id";
export const METRIC_DIMENSION_SETS = [[METRIC_DIMENSION], [METRIC_DIMENSION, METRIC_ID_DIMENSION]] as const;
/** What only the deployed functions can say: of hooks, of a release, of their memory. */
export const FUNCTION_METRICS = ["HooksUnanswered", "ReleaseFailed", "MemoryMegabytes"] as const;
export const METRICS = [
  "Nodes",
  "Protected",
  "Unprotected",
  "Stale",
  "Created",
  "Updated",
  "Deleted",
  "DeletesWaiting",
  "Withheld",
  "FlowsDenied",
  "Failed",
  "Foreign",
  "ApiRequests",
  "RunMilliseconds",
  "TimeToProtectSeconds",
  "Succeeded",
  ...FUNCTION_METRICS,
] as const;
export type FunctionMetricName = (typeof FUNCTION_METRICS)[number];
export type MetricName = (typeof METRICS)[number];

/** Name that every AWS resource of one installation starts with. Two clusters, or two ids in one cluster, never collide. */
export function installationName(cluster: string, id: string): string {
  return `${id}-${cluster}`;
}

/** Name of the Lambda function that reconciles. */
export function reconcileFunctionName(cluster: string, id: string): string {
  return `${installationName(cluster, id)}-reconcile`;
}

/** Name of the break-glass Lambda function. */
export function releaseFunctionName(cluster: string, id: string): string {
  return `${installationName(cluster, id)}-release`;
}

/** Names of the lifecycle hooks that belong to us: we answer these and no others. */
export function lifecycleHookNames(id: string): { readonly launch: string; readonly terminate: string } {
  return { launch: `${id}-launch`, terminate: `${id}-terminate` };
}

/** The tag that EKS puts on the Auto Scaling group of a managed node group; its value is the cluster's name. */
export const NODE_GROUP_CLUSTER_TAG = "eks:cluster-name";

/** SSM parameter that keeps the resync from putting hooks while they are being removed; its value is `paused until TIME`. */
export function hooksParameterName(cluster: string, id: string): string {
  return `/${id}/${cluster}/hooks`;
}

/** SSM parameter that keeps scheduled runs off after a release (break-glass); its value is `armed` or `released`. */
export function armedParameterName(cluster: string, id: string): string {
  return `/${id}/${cluster}/armed`;
}

/** What EventBridge hands to the queue, by rule: infra makes the rules of it, and `doctor` looks for them. */
export const ROUTED_EVENTS = {
  GroupLifecycle: {
    source: "aws.autoscaling",
    detailTypes: [
      "EC2 Instance-launch Lifecycle Action",
      "EC2 Instance-terminate Lifecycle Action",
      "EC2 Instance Launch Successful",
      "EC2 Instance Terminate Successful",
    ],
  },
  NodeGroupLifecycle: {
    source: "aws.autoscaling",
    detailTypes: ["EC2 Instance-launch Lifecycle Action", "EC2 Instance-terminate Lifecycle Action"],
  },
  InstanceState: { source: "aws.ec2", detailTypes: ["EC2 Instance State-change Notification"] },
  Interruption: {
    source: "aws.ec2",
    detailTypes: [
      "EC2 Spot Instance Interruption Warning",
      "EC2 Instance Rebalance Recommendation",
      "EC2 Capacity Reservation Instance Interruption Warning",
    ],
  },
  Health: { source: "aws.health", detailTypes: ["AWS Health Event"] },
} as const;
export type RoutedRule = keyof typeof ROUTED_EVENTS;

/** The rules that an installation with these settings has. */
export function routedRules(settings: {
  readonly autoScalingGroups: readonly string[];
  readonly lifecycle: { readonly managedNodeGroups: boolean };
}): readonly RoutedRule[] {
  return [
    ...(settings.autoScalingGroups.length === 0 ? [] : (["GroupLifecycle"] as const)),
    ...(settings.lifecycle.managedNodeGroups ? (["NodeGroupLifecycle"] as const) : []),
    "InstanceState",
    "Interruption",
    "Health",
  ];
}
