import { z } from "zod";

/** "plan / reconcile, -o json" of docs/output.md, strictly: the words and every key. */
const json: z.ZodType = z.json();
const count = z.number().int().min(0);
export const reportShape = z.strictObject({
  /** Which cluster the report is about. */
  cluster: z
    .strictObject({
      server: z.string().startsWith("https://"),
      context: z.string().optional(),
      eks: z
        .strictObject({ name: z.string(), region: z.string(), account: z.string().optional() })
        .optional(),
    })
    .optional(),
  status: z.enum(["converged", "waiting", "withheld", "partial", "failed"]),
  stage: z.enum(["observe", "canary", "enforce"]),
  group: z.enum(["crd.projectcalico.org/v1", "projectcalico.org/v3"]),
  counts: z.strictObject({
    nodes: count,
    protected: count,
    unprotected: count,
    create: count,
    update: count,
    delete: count,
    unchanged: count,
    withheld: count,
    failed: count,
    foreign: count,
  }),
  actions: z.array(
    z.strictObject({
      action: z.enum(["create", "update", "delete", "adopt"]),
      hostEndpoint: z.string(),
      node: z.string(),
      changes: z.array(z.strictObject({ path: z.string(), from: json.optional(), to: json.optional() })),
      outcome: z.enum(["planned", "applied", "withheld", "failed", "no-longer-needed"]),
      reason: z.string().regex(/^[a-z-]+$/),
      detail: z.string(),
    }),
  ),
  nodes: z.array(
    z.strictObject({
      node: z.string(),
      status: z.enum(["converged", "waiting", "unfit", "withheld", "failed"]),
      reason: z.string().regex(/^[a-z-]+$/),
      detail: z.string(),
    }),
  ),
  findings: z.array(findingShape()),
});

export function findingShape() {
  return z.strictObject({
    severity: z.enum(["error", "warning", "info"]),
    code: z.string().regex(/^[a-z-]+$/),
    object: z.string().regex(/^[A-Za-z]+\/.+/),
    message: z.string().min(1),
    fix: z.string(),
  });
}

/** "explain, -o json": what is there must be; more may be. */
const policy = z.object({
  tier: z.string(),
  policy: z.string(),
  directions: z.array(z.enum(["ingress", "egress"])),
});
export const explanationShape = z.object({
  node: z.string(),
  hostEndpoints: z.array(
    z.object({
      name: z.string(),
      effective: z.boolean(),
      because: z.string().min(1),
      labels: z.record(z.string(), z.string()),
      policies: z.object({
        untracked: z.array(policy),
        preDNAT: z.array(policy),
        forward: z.array(policy),
        normal: z.array(policy),
      }),
    }),
  ),
  flows: z.array(
    z.object({
      id: z.string(),
      flow: z.looseObject({}),
      verdict: z.enum(["allow", "deny", "unknown"]),
      reason: z.string(),
      decidedBy: z.looseObject({}),
    }),
  ),
  findings: z.array(findingShape()),
});

/** Parses stdout as one JSON document of a shape. */
export function parseAs<T>(shape: z.ZodType<T>, text: string): T {
  return shape.parse(JSON.parse(text));
}
