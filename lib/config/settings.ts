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
  subnets: z.array(z.string().regex(/^subnet-[0-9a-f]+$/, "a subnet id such as subnet-0abc")).min(1),
  securityGroups: z.array(z.string().regex(/^sg-[0-9a-f]+$/, "a security group id such as sg-0abc")).min(1),
  id: z.string().regex(/^vpc-[0-9a-f]+$/, "a VPC id such as vpc-0abc"),
});

const cluster = z.strictObject({
  name: clusterName,
  region: awsRegion,
  account: z
    .string(
      'an AWS account id: 12 digits, in quotes ("012345678901"): YAML reads them as a number otherwise, and drops leading zeros',
    )
    .regex(/^\d{12}$/, "an AWS account id: 12 digits, in quotes"),
  vpc: vpc.optional(),
});

const port = z.number().int().min(1).max(65535);

/** A flow that must stay open, added to the built-in ones for EKS. */
const essentialFlow = z.strictObject({
  id: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "lower-case letters, digits and dashes"),
  direction: z.enum(["ingress", "egress"]),
  protocol: z.enum(["tcp", "udp", "sctp", "icmp", "icmpv6"]),
  port: port.optional(),
  /** Addresses of the other side; every one of them must get through. */
  peers: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).min(1),
  /** A Calico selector over Node labels: nodes for which the flow is essential. */
  nodes: z.string().max(1024).default("all()"),
  reason: z.string().min(1),
});

const scheduleExpression = z
  .string()
  .regex(
    /^(rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)|cron\([^)]+\))$/,
    "an EventBridge schedule such as rate(5 minutes) or cron(0/5 * * * ? *)",
  );

export const settingsSchema = z.strictObject({
  cluster: cluster.optional(),
  id: installationId.default("hostendpoint-reconciler"),
  stage: z.enum(["observe", "canary", "enforce"]).default("enforce"),
  schedule: scheduleExpression.default("rate(5 minutes)"),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
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
    }),
  /** Names of endpoints of ours that no entry makes and that stay as they are while their node lives. */
  kept: z.array(z.string().min(1).max(253)).default([]),
  autoScalingGroups: z.array(z.string().min(1).max(255)).default([]),
  lifecycle: z
    .strictObject({
      launch: z.enum(["continue", "abandon"]).default("continue"),
      heartbeat: z.number().int().min(30).max(7200).default(300),
      managedNodeGroups: z.boolean().default(false),
    })
    .prefault({}),
  limits: z
    .strictObject({
      deletes: z.number().int().min(0).default(10),
      deleteShare: z.number().min(0).max(1).default(0.2),
      concurrency: z.number().int().min(1).max(64).default(16),
    })
    .prefault({}),
  canary: z
    .strictObject({
      /** Nodes of each node group that go first. */
      nodesPerGroup: z.number().int().min(1).default(1),
      /** How long a canary must stay healthy before its node group follows. */
      soakSeconds: z.number().int().min(60).default(600),
      /** Ask the API server for a new connection to the kubelet of each canary (needs `nodes/proxy` get). */
      probe: z.boolean().default(false),
    })
    .prefault({}),
  /** Whose cluster it is; `auto` reads it off the Nodes. It decides which essential flows are built in (docs/providers.md). */
  provider: z
    .enum(["auto", "eks", "kubeadm", "rke2", "k3s", "microk8s", "aks", "gke", "generic"])
    .default("auto"),
  essentialFlows: z.array(essentialFlow).default([]),
  /** Built-in essential flows that this cluster does not need, by id. */
  essentialFlowsWithout: z.array(z.string()).default([]),
  /** Open to engineers: makes SSH in, or Session Manager out, essential too. */
  access: z
    .strictObject({
      ssh: z.array(cidr).default([]),
      sessionManager: z.boolean().default(false),
    })
    .prefault({}),
  alarms: z
    .strictObject({
      email: z.email().optional(),
      topicArn: z.string().startsWith("arn:").optional(),
    })
    .prefault({}),
  /** What `npm run destroy` leaves behind. */
  onDestroy: z.enum(["keep", "remove"]).default("keep"),
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
