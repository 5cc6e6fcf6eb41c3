/**
 * The first settings file of a cluster: as little as a deployment needs, from what AWS says.
 *
 * In: what is known of the cluster; anything may be missing. Out: the text of the file, what a person must fill in, and what
 * they should know. Must never happen: a guess that looks like a fact, or hooks on a group that nobody asked for.
 */
export type KnownOfCluster = {
  readonly name: string;
  readonly region?: string;
  /** 12 digits. */
  readonly account?: string;
  /** `API`, `API_AND_CONFIG_MAP`, `CONFIG_MAP`. */
  readonly authenticationMode?: string;
  readonly network?: ClusterNetwork;
  readonly groups?: readonly { readonly name: string; readonly managed: boolean }[];
};

export type ClusterNetwork = {
  readonly publicAccess: boolean;
  readonly privateAccess: boolean;
  readonly publicAccessCidrs: readonly string[];
  readonly vpcId?: string;
  readonly subnetIds?: readonly string[];
  readonly clusterSecurityGroup?: string;
};

export type StartingSettings = {
  readonly text: string;
  /** Paths that are empty in the text. */
  readonly fillIn: readonly string[];
  readonly notes: readonly string[];
};

/** Group names that are listed in comments. */
const MOST_GROUPS = 30;

/** @param schema where editors find the schema, as seen from the file; undefined: nowhere */
export function startingSettings(known: KnownOfCluster, schema: string | undefined): StartingSettings {
  const { name, region, account, authenticationMode, network } = known;
  const vpc = network === undefined ? undefined : vpcOf(network);
  const lines = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# Settings of EKS cluster ${name}. Whatever is not here has its default; infra/clusters/example.yaml shows every setting.`,
    "",
    "cluster:",
    `  name: ${quoted(name)}`,
    region === undefined ? `  region: "" # fill in, such as eu-west-1` : `  region: ${region}`,
    account === undefined
      ? `  account: "" # fill in: aws sts get-caller-identity --query Account`
      : `  account: "${account}"`,
    ...(vpc?.lines ?? []),
    "",
    "# enforce (the default) protects every node behind the guard; observe writes nothing and is a careful beginning.",
    "# stage: observe",
    ...groupLines(known.groups ?? []),
    "",
  ];
  return {
    text: lines.join("\n"),
    fillIn: [
      ...(region === undefined ? ["cluster.region"] : []),
      ...(account === undefined ? ["cluster.account"] : []),
      ...(vpc?.fillIn ?? []),
    ],
    notes: [
      ...(authenticationMode === "CONFIG_MAP"
        ? [
            `cluster ${name} has authentication mode CONFIG_MAP: a deployment needs API_AND_CONFIG_MAP (there is no way back): ` +
              `aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`,
          ]
        : []),
      ...(vpc?.notes ?? []),
    ],
  };
}

/** A function outside the VPC reaches an API server only when it is public for everybody: its address is not known beforehand. */
function vpcOf(network: ClusterNetwork): StartingVpc | undefined {
  const isOpen = network.publicAccess && network.publicAccessCidrs.some((it) => /\/0$/.test(it));
  if (isOpen) return undefined;
  if (!network.privateAccess)
    return {
      lines: [],
      fillIn: [],
      notes: [
        `the endpoint is public for ${network.publicAccessCidrs.join(", ") || "nobody"} only and not private: a function has no fixed address, so make it private too (infra/RUNBOOK.md, "Private endpoint")`,
      ],
    };
  const { vpcId, subnetIds = [], clusterSecurityGroup } = network;
  return {
    lines: [
      "  # The endpoint is private: the functions run in the cluster's VPC. The subnets are those of the API server's network",
      "  # interfaces; they need a way to the AWS APIs (infra/RUNBOOK.md, Private endpoint). The group is the cluster's own.",
      "  vpc:",
      `    id: ${vpcId ?? '"" # fill in'}`,
      `    subnets: [${subnetIds.join(", ")}]${subnetIds.length === 0 ? " # fill in" : ""}`,
      `    securityGroups: [${clusterSecurityGroup ?? ""}]${clusterSecurityGroup === undefined ? " # fill in" : ""}`,
    ],
    fillIn: [
      ...(vpcId === undefined ? ["cluster.vpc.id"] : []),
      ...(subnetIds.length === 0 ? ["cluster.vpc.subnets"] : []),
      ...(clusterSecurityGroup === undefined ? ["cluster.vpc.securityGroups"] : []),
    ],
    notes: ["the endpoint is private: check that the subnets under cluster.vpc have a way to the AWS APIs"],
  };
}

type StartingVpc = {
  readonly lines: readonly string[];
  readonly fillIn: readonly string[];
  readonly notes: readonly string[];
};

function groupLines(groups: NonNullable<KnownOfCluster["groups"]>): readonly string[] {
  const named = groups.filter((it) => !it.managed).map((it) => it.name);
  const managed = groups.filter((it) => it.managed).map((it) => it.name);
  return [
    ...(named.length === 0
      ? []
      : [
          "",
          "# Auto Scaling groups with this cluster's tag. Those that stand here get lifecycle hooks: a new machine is held until its",
          "# node is protected. Without them the schedule and EC2's events still serve.",
          "# autoScalingGroups:",
          ...listed(named).map((it) => `#   - ${quoted(it)}`),
        ]),
    ...(managed.length === 0
      ? []
      : [
          "",
          "# The same for the groups that EKS keeps for managed node groups:",
          ...listed(managed).map((it) => `#   ${it}`),
          "# lifecycle: { managedNodeGroups: true }",
        ]),
  ];
}

function listed(names: readonly string[]): readonly string[] {
  const more = names.length - MOST_GROUPS;
  return [...names.slice(0, MOST_GROUPS), ...(more > 0 ? [`(and ${more} more)`] : [])];
}

/** YAML would read some bare words as something else (`on`, `123`, `1e3`). */
function quoted(text: string): string {
  return /^[A-Za-z][\w-]*$/.test(text) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
