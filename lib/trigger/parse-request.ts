/**
 * The payload with which a person, the EventBridge Scheduler or `hepctl invoke` wakes the function.
 *
 * In: `{"action": ..., "nodes": [...], "reason": "..."}`. Out: the request, or every problem with its path.
 * Must never happen: a misspelt key that silently widens the request to the whole cluster; unknown keys are errors.
 */
import * as z from "zod";
import { cleanText } from "../model/clean-text.ts";
import { isJsonObject } from "../model/read-json.ts";

/** `hooks`: answer the machines that wait; the function's own schedule asks for it every minute. */
export const ACTIONS = ["reconcile", "plan", "doctor", "explain", "confirm-deletes", "hooks"] as const;
export type Action = (typeof ACTIONS)[number];

export type Request = {
  readonly action: Action;
  /** Empty: the whole cluster. */
  readonly nodes: readonly string[];
  readonly source: "schedule" | "manual";
  readonly reason: string;
  /** Of `confirm-deletes`: a duration or a time; empty: not said. */
  readonly until: string;
};

export type RequestResult =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly problems: readonly string[] };

const MOST_NODES = 5_000;

/** A Node's name is a DNS subdomain (RFC 1123). */
const nodeName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "not the name of a Node");

const schema = z.strictObject({
  action: z.enum(ACTIONS),
  nodes: z.array(nodeName).default([]),
  source: z.enum(["schedule", "manual"]).default("manual"),
  reason: z.string().max(1000).default(""),
  until: z.string().max(60).default(""),
  /** Context attributes that the EventBridge Scheduler fills in (docs/aws.md 3.2); kept for the log only. */
  scheduledAt: z.string().max(100).optional(),
  attempt: z.union([z.string().max(100), z.number()]).optional(),
});

export function parseRequest(payload: unknown): RequestResult {
  // Before each of them is checked: a list of a hundred thousand wrong names would take seconds to complain about.
  const many = isJsonObject(payload) && Array.isArray(payload["nodes"]) ? payload["nodes"].length : 0;
  if (many > MOST_NODES)
    return { ok: false, problems: [`nodes: ${many} names; at most ${MOST_NODES}, or none for all`] };
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return { ok: false, problems: describeProblems(parsed.error) };
  const { action, nodes, source, reason, until } = parsed.data;
  if ((action === "confirm-deletes") !== (until !== ""))
    return {
      ok: false,
      problems: [
        action === "confirm-deletes"
          ? 'until: confirm-deletes needs one, such as "until":"1h"'
          : `until: ${action} takes none`,
      ],
    };
  return { ok: true, request: { action, nodes: [...new Set(nodes)].sort(), source, reason, until } };
}

/** Problems that are told; the rest is a number. */
const MOST_PROBLEMS = 10;
const LONGEST_PROBLEM = 300;

/** `path: what is wrong`, one line for each of the first problems. */
export function describeProblems(error: z.ZodError): readonly string[] {
  const problems = error.issues.slice(0, MOST_PROBLEMS + 1).flatMap((issue) => {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => `${path === "" ? key : `${path}.${key}`}: unknown key`);
    return [`${path === "" ? "payload" : path}: ${issue.message}`];
  });
  const more = Math.max(0, error.issues.length - MOST_PROBLEMS - 1);
  const told = problems.slice(0, MOST_PROBLEMS).map((it) => cleanText(it, LONGEST_PROBLEM));
  const untold = problems.length - told.length + more;
  return untold === 0 ? told : [...told, `and ${untold} more`];
}
