/**
 * The payload with which a person, the EventBridge Scheduler or `hepctl invoke` wakes the function.
 *
 * In: `{"action": ..., "nodes": [...], "reason": "..."}`. Out: the request, or every problem with its path.
 * Must never happen: a misspelt key that silently widens the request to the whole cluster; unknown keys are errors.
 */
import * as z from "zod";

export const ACTIONS = ["reconcile", "plan", "doctor", "explain"] as const;
export type Action = (typeof ACTIONS)[number];

export type Request = {
  readonly action: Action;
  /** Empty: the whole cluster. */
  readonly nodes: readonly string[];
  readonly source: "schedule" | "manual";
  readonly reason: string;
};

export type RequestResult =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A Node's name is a DNS subdomain (RFC 1123). */
const nodeName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "not the name of a Node");

const schema = z.strictObject({
  action: z.enum(ACTIONS),
  nodes: z.array(nodeName).max(5000).default([]),
  source: z.enum(["schedule", "manual"]).default("manual"),
  reason: z.string().max(1000).default(""),
  /** Context attributes that the EventBridge Scheduler fills in (docs/aws.md 3.2); kept for the log only. */
  scheduledAt: z.string().optional(),
  attempt: z.union([z.string(), z.number()]).optional(),
});

export function parseRequest(payload: unknown): RequestResult {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return { ok: false, problems: describeProblems(parsed.error) };
  const { action, nodes, source, reason } = parsed.data;
  return { ok: true, request: { action, nodes: [...new Set(nodes)].sort(), source, reason } };
}

/** `path: what is wrong`, one line for each problem. */
export function describeProblems(error: z.ZodError): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => `${path === "" ? key : `${path}.${key}`}: unknown key`);
    return [`${path === "" ? "payload" : path}: ${issue.message}`];
  });
}
