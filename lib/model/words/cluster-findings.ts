import type { FindingWord } from "./word.ts";

const ALWAYS_ERROR = { error: "always" } as const;

/** What `doctor` says of the way to the cluster, of the permissions there and of Calico. */
export const CLUSTER_FINDINGS = {
  "credentials-failed": {
    severity: ALWAYS_ERROR,
    meaning: "There are no credentials for the cluster, or the kubeconfig cannot be used.",
    fix: "The message says which file or which login.",
  },
  "describe-cluster-failed": {
    severity: ALWAYS_ERROR,
    meaning: "EKS did not describe the cluster.",
    fix: "Check name, region, account and the permission eks:DescribeCluster.",
  },
  "dns-failed": {
    severity: ALWAYS_ERROR,
    meaning: "The name of the API server could not be resolved.",
    fix: "A private endpoint is known inside its VPC only.",
  },
  "tcp-failed": {
    severity: ALWAYS_ERROR,
    meaning: "No connection to the API server came about.",
    fix: "Check routes, security groups and the endpoint's public access list.",
  },
  "tls-failed": {
    severity: ALWAYS_ERROR,
    meaning: "The API server's certificate is not the one that was expected.",
    fix: "Check the certificate authority in the kubeconfig, and proxies on the way.",
  },
  "server-failed": {
    severity: ALWAYS_ERROR,
    meaning: "Something answers that is no healthy Kubernetes API server.",
    fix: "Check the address; look at the control plane's health.",
  },
  "authentication-failed": {
    severity: ALWAYS_ERROR,
    meaning: "The API server does not know who asks (401).",
    fix: "On EKS: an access entry, and an authentication mode that counts them; elsewhere renew the login.",
  },
  "authorization-failed": {
    severity: ALWAYS_ERROR,
    meaning: "The API server knows who asks and lets them do nothing of what is needed (403).",
    fix: "`hepctl rbac | kubectl apply -f -`",
  },
  "permission-missing": {
    severity: ALWAYS_ERROR,
    meaning: "A permission of our ClusterRole is missing.",
    fix: "`hepctl rbac | kubectl apply -f -`, and see that the credentials are in the group that it is bound to.",
  },
  unread: {
    severity: ALWAYS_ERROR,
    meaning: "Something that a run needs could not be read.",
    fix: "The message says what and why; a missing permission has a finding of its own.",
  },
  "migration-in-progress": {
    severity: { error: "`doctor` and `release`", warning: "a run, which waits" },
    meaning:
      "Calico is moving its objects from one API group to the other; what is written now would be lost.",
    fix: "Wait until the migration is complete; runs go on by themselves then.",
  },
  "datastore-locked": {
    severity: { error: "`doctor` and `release`", warning: "a run, which waits" },
    meaning: "Calico's datastore is locked.",
    fix: "Finish or abort the migration that locked it.",
  },
  "group-unclear": {
    severity: { error: "`doctor` and `release`", warning: "a run, which waits" },
    meaning: "Both of Calico's API groups are served, and nothing tells which of them Calico reads.",
    fix: "Remove the definitions of the group that Calico does not use, or finish the datastore migration.",
  },
  "calico-version-unknown": {
    severity: { warning: "always" },
    meaning: "ClusterInformation names no version: no calico-node has started on this datastore.",
    fix: "See that calico-node and kube-controllers run against this datastore.",
  },
  "calico-version-mixed": {
    severity: { warning: "always" },
    meaning: "Several versions of Calico may be running; a verdict holds only where they agree.",
    fix: "Finish the upgrade: `kubectl rollout status` of each DaemonSet.",
  },
  "calico-node-missing": {
    severity: ALWAYS_ERROR,
    meaning: "No DaemonSet has a container calico-node: nothing enforces host endpoints.",
    fix: "Install Calico; policy only, beside the VPC CNI, is enough.",
  },
  "calico-node-version-unknown": {
    severity: { info: "always" },
    meaning: "The image of an agent tells no version, so what every release does counts.",
    fix: "See that it is Calico 3.14 or newer.",
  },
  "calico-node-outdated": {
    severity: ALWAYS_ERROR,
    meaning: "This Calico does not know the allow profile: an endpoint that names it would deny everything.",
    fix: "Upgrade Calico to 3.14 or newer before reconciling.",
  },
  "calico-node-not-scheduled": {
    severity: { warning: "always" },
    meaning: "A DaemonSet that runs calico-node is scheduled to no node.",
    fix: "Look at its nodeSelector and tolerations.",
  },
  "calico-node-not-rolled-out": {
    severity: { warning: "always" },
    meaning: "Some pods of an agent are not ready or not up to date.",
    fix: "`kubectl rollout status` of the DaemonSet that the finding names.",
  },
  "calico-agents-unread": {
    severity: { warning: "always" },
    meaning:
      "DaemonSets may not be listed, so agents of other names are not seen and their failsafes not counted on.",
    fix: "`hepctl rbac | kubectl apply -f -`",
  },
  "calico-agents-overlap": {
    severity: { warning: "always" },
    meaning: "Two agents run on the same node and overwrite each other's work.",
    fix: "Remove one of them, or give them nodes of their own.",
  },
  "node-without-agent": {
    severity: { warning: "always" },
    meaning: "No agent runs on a node: nothing enforces its host endpoints.",
    fix: "Let an agent tolerate its taints and select its labels, or take the node out of the templates.",
  },
  "failsafes-incomplete": {
    severity: { info: "always" },
    meaning: "A policy could cut an essential flow, because no failsafe port keeps it open.",
    fix: "Run the command in the finding: it sets the failsafe lists with your own entries kept.",
  },
  "felix-environment-hides": {
    severity: { warning: "always" },
    meaning: "A FELIX_ variable of an agent hides a field of the FelixConfigurations, which has no effect.",
    fix: "Remove one of the two.",
  },
  "felix-environment-unreadable": {
    severity: { warning: "always" },
    meaning:
      "Settings of an agent come from a Secret, a ConfigMap or the machine, and cannot be seen from here.",
    fix: "Write the values into the DaemonSet, or set them in a FelixConfiguration.",
  },
  "vpc-unknown": {
    severity: { warning: "always" },
    meaning: "Policies name addresses, and EC2 does not tell us the VPC's.",
    fix: "Grant ec2:DescribeVpcs to whoever runs this.",
  },
  "self-settable-label": {
    severity: { warning: "always" },
    meaning: "A policy takes hold of nodes by a label that a node may set on itself.",
    fix: "Use labels of the domain node-restriction.kubernetes.io, or `labels.set` of an entry of `endpoints`.",
  },
  "node-port-without-pre-dnat": {
    severity: { warning: "always" },
    meaning:
      "A policy names a NodePort and is not preDNAT: when it is asked, the port is already that of the pod.",
    fix: "Set `preDNAT: true` and `applyOnForward: true`, without egress rules.",
  },
  "template-selects-nothing": {
    severity: { warning: "always" },
    meaning: "An entry of `endpoints` selects no node.",
    fix: "Compare its selector with `kubectl get nodes --show-labels`.",
  },
  "nodes-without-template": {
    severity: { warning: "always" },
    meaning: "No entry of `endpoints` selects some of the nodes.",
    fix: "Add an entry for them, or widen a selector.",
  },
} as const satisfies { readonly [code: string]: FindingWord };
