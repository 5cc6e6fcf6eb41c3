/**
 * Settings of one installation: `infra/clusters/NAME.yaml`, or nothing at all (every value has a default).
 *
 * In: any value (parsed YAML, baked JSON). Out: `Settings`, or every problem at once with its path.
 * Must never happen: an unknown key that is silently ignored. The shape is settled in docs/output.md.
 */
import * as z from "zod";
import { describeIssues } from "./describe-issues.ts";
import { cidr, endpointTemplate } from "./endpoint-template.ts";

/** A Kubernetes label value that also serves as the beginning of AWS resource names. */
const installationId = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "lower-case letters, digits and dashes, at most 40 characters",
  );

const clusterName = z
  .string()
  .regex(
    /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/,
    "an EKS cluster name: letters, digits, - and _, at most 100 characters",
  );

const awsRegion = z.string().regex(/^[a-z]{2,4}(-[a-z0-9]+)+-\d$/, "an AWS region such as eu-west-1");

const vpc = z.strictObject({
  subnets: z
    .array(z.string().regex(/^subnet-[0-9a-f]+$/, "a subnet id such as subnet-0abc"))
    .min(1)
    .describe("Private subnets with a way to the AWS APIs (NAT gateway or interface endpoints)."),
  securityGroups: z
    .array(z.string().regex(/^sg-[0-9a-f]+$/, "a security group id such as sg-0abc"))
    .min(1)
    .describe("Security groups of the functions; the cluster's must let them in on port 443."),
  id: z
    .string()
    .regex(/^vpc-[0-9a-f]+$/, "a VPC id such as vpc-0abc")
    .describe("The VPC of the subnets."),
});

const cluster = z.strictObject({
  name: clusterName.describe("Name of the EKS cluster."),
  region: awsRegion.describe("Region of the cluster; the stack goes there too."),
  account: z
    .string(
      'an AWS account id: 12 digits, in quotes ("012345678901"): YAML reads them as a number otherwise, and drops leading zeros',
    )
    .regex(/^\d{12}$/, "an AWS account id: 12 digits, in quotes")
    .describe("Account of the cluster, in quotes: an account id may begin with 0."),
  vpc: vpc
    .optional()
    .describe("Only when the API server is not public for everybody: the functions run in this VPC."),
});

const port = z.number().int().min(1).max(65535);

/** A flow that must stay open, added to the built-in ones for EKS. */
const essentialFlow = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "lower-case letters, digits and dashes")
    .describe("Its name in reports."),
  direction: z.enum(["ingress", "egress"]).describe("As the node sees it."),
  protocol: z.enum(["tcp", "udp", "sctp", "icmp", "icmpv6"]).describe("Its protocol."),
  port: port.optional().describe("Destination port; none for icmp and icmpv6."),
  peers: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .min(1)
    .describe("Addresses of the other side; every one of them must get through."),
  nodes: z
    .string()
    .max(1024)
    .default("all()")
    .describe("Nodes for which the flow is essential: a Calico selector over Node labels."),
  reason: z.string().min(1).describe("Why, for whoever reads a refusal."),
});

const scheduleExpression = z
  .string()
  .regex(
    /^(rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)|cron\([^)]+\))$/,
    "an EventBridge schedule such as rate(5 minutes) or cron(0/5 * * * ? *)",
  );

export const settingsSchema = z.strictObject({
  formatVersion: z
    .literal(1)
    .optional()
    .describe("Version of this file's format, as `hepctl import -o json` writes it."),
  cluster: cluster.optional().describe("Which cluster. A deployment needs it; hepctl does without."),
  id: installationId
    .default("hostendpoint-reconciler")
    .describe(
      "Owner of what we make. Two installations with different ids never touch each other's objects.",
    ),
  stage: z
    .enum(["observe", "canary", "enforce"])
    .default("enforce")
    .describe(
      "observe: compute and report, write nothing. canary: a few nodes first. enforce: all, behind the guard.",
    ),
  schedule: scheduleExpression
    .default("rate(5 minutes)")
    .describe("The full resync. It is what makes the result right; events only make it fast."),
  logLevel: z
    .enum(["trace", "debug", "info", "warn", "error"])
    .default("info")
    .describe("Least level of log lines that are written."),
  endpoints: z
    .array(endpointTemplate)
    .min(1, "needs at least one entry")
    .prefault([{}])
    .superRefine((templates, context) => {
      const seen = new Map<string, number>();
      templates.forEach((template, index) => {
        const earlier = seen.get(template.name);
        if (earlier === undefined) seen.set(template.name, index);
        else
          context.addIssue({
            code: "custom",
            path: [index, "name"],
            message: `"${template.name}" is also the name of endpoints[${earlier}]: two endpoints of a node need two names`,
          });
      });
    })
    .describe("A node gets one HostEndpoint for each entry that selects it."),
  kept: z
    .array(z.string().min(1).max(253))
    .default([])
    .describe(
      "Names of endpoints of ours that no entry makes and that stay as they are while their node lives.",
    ),
  autoScalingGroups: z
    .array(z.string().min(1).max(255))
    .default([])
    .describe(
      "Auto Scaling groups, by name, that get our lifecycle hooks: a new machine is held until its node is protected. " +
        "They must exist. None: the schedule and EC2's events serve alone.",
    ),
  lifecycle: z
    .strictObject({
      launch: z
        .enum(["continue", "abandon"])
        .default("continue")
        .describe("When we cannot answer in time: continue (fail open) or abandon (fail closed)."),
      heartbeat: z
        .number()
        .int()
        .min(30)
        .max(7200)
        .default(300)
        .describe("Seconds that a hook waits for an answer."),
      managedNodeGroups: z
        .boolean()
        .default(false)
        .describe("Also keep our hooks on the groups behind EKS managed node groups."),
    })
    .prefault({})
    .describe("Lifecycle hooks of Auto Scaling."),
  limits: z
    .strictObject({
      deletes: z
        .number()
        .int()
        .min(0)
        .default(10)
        .describe(
          "Deletions within ten minutes for nodes that the API server does not have, where nobody else says that their machines are gone; what is over it waits for a person.",
        ),
      deleteShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe("The same as a share of our endpoints; the smaller of both counts."),
      provenDeletes: z
        .number()
        .int()
        .min(0)
        .default(500)
        .describe("Deletions within ten minutes for nodes whose instance is gone in EC2's own word, too."),
      unwantedDeletes: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe(
          "Deletions within ten minutes of endpoints whose node lives and that no entry of `endpoints` wants any more.",
        ),
      concurrency: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(16)
        .describe("Requests to the API server at the same time."),
    })
    .prefault({})
    .describe("Bounds of one run, and of deletions within ten minutes (docs/decisions/deletions.md)."),
  canary: z
    .strictObject({
      nodesPerGroup: z.number().int().min(1).default(1).describe("Nodes of each node group that go first."),
      soakSeconds: z
        .number()
        .int()
        .min(60)
        .default(600)
        .describe("Seconds that a canary must stay healthy before its node group follows."),
      probe: z
        .boolean()
        .default(false)
        .describe(
          "Ask the API server for a new connection to each canary's kubelet; needs `hepctl rbac --with probe`.",
        ),
    })
    .prefault({})
    .describe("What `stage: canary` does."),
  provider: z
    .enum(["auto", "eks", "kubeadm", "rke2", "k3s", "microk8s", "aks", "gke", "generic"])
    .default("auto")
    .describe(
      "Whose cluster it is; auto reads it off the Nodes. It decides which essential flows are built in (docs/providers.md).",
    ),
  essentialFlows: z
    .array(essentialFlow)
    .default([])
    .describe("Flows that must stay open, added to the built-in ones."),
  essentialFlowsWithout: z
    .array(z.string())
    .default([])
    .describe("Built-in essential flows that this cluster does not need, by id."),
  access: z
    .strictObject({
      ssh: z.array(cidr).default([]).describe("From where SSH must get in."),
      sessionManager: z.boolean().default(false).describe("Session Manager must get out."),
    })
    .prefault({})
    .describe("Ways of engineers to the nodes that become essential flows too."),
  alarms: z
    .strictObject({
      email: z.email().optional().describe("Subscribed to the topic; must be confirmed by a click."),
      topicArn: z
        .string()
        .startsWith("arn:")
        .optional()
        .describe("An SNS topic of yours in the cluster's region. Without it one is made."),
    })
    .prefault({})
    .describe("Where alarms go."),
  onDestroy: z
    .enum(["keep", "remove"])
    .default("keep")
    .describe("What `npm run destroy` does with our HostEndpoints: keep them, or remove them first."),
  permissionsBoundary: z
    .string()
    .regex(
      /^(arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+|[\w+=,.@-]+)$/,
      "the name or the ARN of an IAM policy",
    )
    .optional()
    .describe("IAM policy, by name or ARN, that every role of the stack gets as its permissions boundary."),
  kmsKey: z
    .string()
    .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, "the ARN of a KMS key (not of an alias)")
    .optional()
    .describe(
      "KMS key of the queues, the logs, the functions' environment and our own topic. Its policy is yours: infra/RUNBOOK.md, Landing zones.",
    ),
  tags: z
    .record(
      z
        .string()
        .regex(
          /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
          "a tag key: at most 128 characters, not aws:...",
        ),
      z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, "a tag value: at most 256 characters"),
    )
    .default({})
    .describe("Tags of every resource of the stack that can have tags."),
  tracing: z
    .boolean()
    .default(false)
    .describe("Trace the functions with X-Ray (Lambda's active tracing; costs by the trace)."),
  terminationProtection: z
    .boolean()
    .default(false)
    .describe("CloudFormation refuses to delete the stack until this is off and deployed."),
});

export type Settings = z.output<typeof settingsSchema>;
export type { EndpointTemplate } from "./endpoint-template.ts";

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks settings whole. Each problem reads `path: what is wrong`.
 * Selectors are checked too, by `checkSelector` (a room may not be imported here; the caller hands it in).
 */
export function parseSettings(value: unknown, checkSelector: SelectorCheck): SettingsResult {
  const parsed = settingsSchema.safeParse(value ?? {});
  // Of what was written, not of what was understood: a selector is wrong whatever else is.
  const selectors = selectorsIn(value).flatMap(([path, selector]) => {
    const problem = checkSelector(selector);
    return problem === undefined ? [] : [`${path}: ${problem}`];
  });
  if (!parsed.success)
    return {
      ok: false,
      problems: [...describeIssues(parsed.error, settingsSchema, "settings"), ...selectors],
    };
  return selectors.length === 0 ? { ok: true, settings: parsed.data } : { ok: false, problems: selectors };
}

/** Lists of the settings whose entries have a selector, under `nodes`. */
const WITH_SELECTORS = ["endpoints", "essentialFlows"] as const;

function selectorsIn(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== "object" || value === null) return [];
  const whole = value as Readonly<Record<string, unknown>>;
  return WITH_SELECTORS.flatMap((list) => {
    const entries = whole[list];
    if (!Array.isArray(entries)) return [];
    return (entries as readonly unknown[]).flatMap((entry, index) => {
      const nodes =
        typeof entry === "object" && entry !== null ? (entry as { nodes?: unknown }).nodes : undefined;
      return typeof nodes === "string" ? [[`${list}[${index}].nodes`, nodes] as const] : [];
    });
  });
}

/** Says what is wrong with a selector and where, or nothing. */
export type SelectorCheck = (selector: string) => string | undefined;

/** The JSON Schema of the settings file, for editors. */
export function settingsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(settingsSchema, { io: "input" });
}
