/**
 * Break-glass: gives traffic back on all nodes (or some), removes what we own, and keeps scheduled runs off until armed.
 *
 * In: `{"action":"release","nodes":[],"confirm":"<cluster name>"}` or `{"action":"rearm","confirm":"<cluster name>"}`.
 * Must never happen: a release of the wrong cluster (hence the name), or a scheduled run that puts everything back behind
 * our back: the mark is set before the first write.
 */
import * as z from "zod";
import { UsageError } from "../../lib/model/errors.ts";
import type { Report } from "../../lib/model/report.ts";
import { describeError } from "../../lib/observability/describe-error.ts";
import { release } from "../../lib/release/release.ts";
import { describeProblems } from "../../lib/trigger/parse-request.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";
import { removeHooks, type HooksRemoved } from "./remove-hooks.ts";

const request = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("release"),
    nodes: z.array(z.string().min(1)).default([]),
    confirm: z.string(),
    reason: z.string().max(1000).default(""),
  }),
  z.strictObject({
    action: z.literal("rearm"),
    confirm: z.string(),
    reason: z.string().max(1000).default(""),
  }),
  z.strictObject({
    action: z.literal("remove-hooks"),
    confirm: z.string(),
    /** What a coming deployment keeps; absent: nothing. */
    keep: z
      .strictObject({
        autoScalingGroups: z.array(z.string().max(255)).max(1000).default([]),
        managedNodeGroups: z.boolean().default(false),
      })
      .optional(),
    reason: z.string().max(1000).default(""),
  }),
]);

export type ReleaseAnswer = Report | HooksRemoved | { readonly status: "armed"; readonly detail: string };

export async function answerRelease(
  payload: unknown,
  ports: FunctionPorts,
  { log, signal, reporting }: Invocation,
): Promise<ReleaseAnswer> {
  const parsed = request.safeParse(payload);
  if (!parsed.success)
    throw new UsageError(`the payload is wrong: ${describeProblems(parsed.error).join("; ")}`);
  const asked = parsed.data;
  const { settings, clock, mark, cluster } = ports;
  const { name } = settings.cluster;
  if (asked.confirm !== name)
    throw new UsageError(
      `confirm: "${asked.confirm}" is not this function's cluster; say "confirm":"${name}" if you mean it`,
    );
  log.warn({ cluster: name, ...asked }, "break-glass asked");
  if (asked.action === "remove-hooks") return removeHooks(asked.keep, ports, { log, signal, reporting });
  if (asked.action === "rearm") {
    await mark.write("armed", signal);
    log.warn({ cluster: name }, "armed");
    return {
      status: "armed",
      detail: `cluster ${name} is reconciled again, from the next event or scheduled run on`,
    };
  }
  // Traffic first: a mark that cannot be set must not keep a locked-out cluster locked out. But it is said at the end.
  const unmarked = await mark.write("released", signal).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (unmarked !== undefined) log.error(describeError(unmarked.error), "mark not set");
  const report = await cluster
    .use(
      ({ gateway }) =>
        release({ nodes: asked.nodes, mode: "apply" }, { settings, cluster: gateway, clock }, signal),
      signal,
    )
    .catch((error: unknown) => {
      ports.measure({ ReleaseFailed: 1 });
      throw error;
    });
  log.warn({ cluster: name, status: report.status, counts: report.counts }, "released");
  // What matters is said by a metric, whatever is answered: a typo in `confirm` is no alarm, a node without traffic is one.
  ports.measure({
    ReleaseFailed:
      report.status === "failed" || report.status === "partial" || unmarked !== undefined ? 1 : 0,
  });
  if (unmarked !== undefined) throw unmarked.error;
  return report;
}
