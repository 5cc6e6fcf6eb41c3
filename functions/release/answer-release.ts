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
import { release, type ReleasePorts } from "../../lib/release/release.ts";
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
      ({ gateway }) => releaseAndLookAgain(asked.nodes, { settings, cluster: gateway, clock }, signal),
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

/** A run that found the mark armed a moment ago may still be writing: one event takes half a second. */
const LATE_LOOK_MILLISECONDS = 2_000;
const MOST_LATE_LOOKS = 3;

/** Looks again until nothing of ours is left that somebody wrote behind our back. Traffic is given back before the first wait. */
async function releaseAndLookAgain(
  nodes: readonly string[],
  ports: ReleasePorts,
  signal: AbortSignal,
): Promise<Report> {
  const request = { nodes, mode: "apply" } as const;
  let report = await release(request, ports, signal);
  for (let look = 1; look <= MOST_LATE_LOOKS && !signal.aborted; look++) {
    await ports.clock.sleep(LATE_LOOK_MILLISECONDS, signal);
    const late = await release(request, ports, signal);
    if (late.actions.length === 0) break;
    report = together(report, late);
  }
  return report;
}

/** What was done in both; how it stands is what the later one says, which also tried again what had failed. */
function together(first: Report, late: Report): Report {
  const nodes = [...new Map([...first.nodes, ...late.nodes].map((it) => [it.node, it])).values()];
  return {
    ...late,
    counts: {
      ...late.counts,
      nodes: nodes.length,
      unprotected: nodes.length - late.counts.protected,
      delete: first.counts.delete + late.counts.delete,
    },
    actions: [...first.actions.filter((it) => it.outcome === "applied"), ...late.actions],
    nodes,
  };
}
