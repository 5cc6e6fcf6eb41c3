/**
 * Counts a run's deletions where every other run sees it, before the first of them is done.
 *
 * In: a claim, and what the run has written. Out: whether it stands. Two runs at once write to one endpoint, one after the other: the second sees the first
 * one's count, and asks itself again.
 * Must never happen: deletions of two runs that only together are over the budget.
 */
import { GatewayError } from "../model/errors.ts";
import { add, readLedger, sumOf, writeLedger, type DeletionCounts } from "../model/deletion-ledger.ts";
import type { DeletionClaim } from "../model/guarded-plan.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import { DELETIONS_ANNOTATION, HALT_NODE } from "../names/names.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { annotateEndpoint } from "./annotate-endpoint.ts";
import type { ApplyRequest } from "./apply-request.ts";
import { causeOf } from "./failure.ts";

/** Empty when the claim stands; else one outcome for each deletion that must not be done. */
export async function claimDeletions(
  claim: DeletionClaim,
  written: readonly ActionOutcome[],
  { group, owner }: Pick<ApplyRequest, "group" | "owner">,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly ActionOutcome[]> {
  const { known, entry, budgets, deletes } = claim;
  const carrier = claim.carriers[0] ?? firstWritten(written);
  if (carrier === undefined) return [];
  const refuse = (cause: Extract<ActionOutcome, { outcome: "failed" }>["cause"], detail: string) =>
    deletes.map((action): ActionOutcome => ({ action, outcome: "failed", cause, detail }));
  try {
    const written = await annotateEndpoint(
      {
        observed: carrier,
        group,
        owner,
        annotations: (current) => {
          const others = readLedger([current, withLedger(known)], entry.at);
          return isWithin(add(sumOf(others), entry.counts), entry.counts, budgets)
            ? { [DELETIONS_ANNOTATION]: writeLedger([...others, entry]) }
            : undefined;
        },
      },
      cluster,
      signal,
    );
    return written === undefined
      ? refuse("conflict", "another run deletes at the same time: the next run counts both, and goes on")
      : [];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return refuse(
      signal.aborted ? "out-of-time" : causeOf(error),
      `the deletions of this run could not be counted on HostEndpoint/${carrier.name}, so none was done: ${error.message}`,
    );
  }
}

function withLedger(entries: DeletionClaim["known"]) {
  return { annotations: { [DELETIONS_ANNOTATION]: writeLedger(entries) } };
}

function firstWritten(written: readonly ActionOutcome[]): HostEndpoint | undefined {
  return written
    .flatMap((it) => ("served" in it && it.served !== undefined ? [it.served] : []))
    .find((it) => !it.deleting && it.node !== HALT_NODE);
}

/** Only classes that this run deletes of are asked. */
function isWithin(sum: DeletionCounts, own: DeletionCounts, budgets: DeletionCounts): boolean {
  return (["proven", "unproven", "unwanted"] as const).every((it) => own[it] === 0 || sum[it] <= budgets[it]);
}
