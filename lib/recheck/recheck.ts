/**
 * Looks once more at what the writes were proven against, and takes back what is proven no more.
 *
 * In: the snapshot that the proof was made of, what was written, and how a snapshot is taken. Out: the outcomes that stand, what was
 * taken back as withheld (`changed-meanwhile`), and what a person should know. A run that wrote nothing looks at nothing.
 * Must never happen: a write taken back that cuts nothing, a removal before the endpoint carries the allow profile, or a failed look
 * that fails the run: what was written was proven.
 */
import { applyGuarded } from "../apply/apply-guarded.ts";
import type { ApplyRequest } from "../apply/apply-request.ts";
import type { SafetySettings } from "../guard/rule.ts";
import { GatewayError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { WithheldAction } from "../model/guarded-plan.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { HALT_NODE } from "../names/names.ts";
import { proveAgain } from "./prove-again.ts";
import { takeBack } from "./take-back.ts";
import { whatMoved, type Move } from "./what-moved.ts";

export type RecheckRequest = {
  /** What the proof was made of. */
  readonly snapshot: Snapshot;
  readonly outcomes: readonly ActionOutcome[];
  readonly safety: SafetySettings;
  readonly apply: Pick<ApplyRequest, "group" | "owner" | "concurrency">;
  /** Names of endpoints that got marks and counts of this run: that they moved says nothing. */
  readonly bookkept?: readonly string[];
  readonly takeSnapshot: () => Promise<Snapshot>;
};
export type Rechecked = {
  readonly outcomes: readonly ActionOutcome[];
  readonly withheld: readonly WithheldAction[];
  readonly findings: readonly Finding[];
};

export async function recheck(
  request: RecheckRequest,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<Rechecked> {
  const { snapshot, outcomes } = request;
  const asItWas = { outcomes, withheld: [], findings: [] };
  const written = outcomes.filter(isToProve).map((it) => it.action);
  if (written.length === 0) return asItWas;
  try {
    const names = new Set([...outcomes.map((it) => it.action.name), ...(request.bookkept ?? [])]);
    const moves = await whatMoved(snapshot, names, cluster, signal);
    if (moves.length === 0) return asItWas;
    const now = await request.takeSnapshot();
    const cut = proveAgain(written, now, request.safety);
    return cut.length === 0 ? asItWas : await undo(request, { cut, now, moves }, cluster, signal);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { ...asItWas, findings: [notLooked(error)] };
  }
}

/** What gives traffic back, and the mark of a stopped rollout, rest on no proof. */
function isToProve({ action, outcome }: ActionOutcome): boolean {
  return (
    outcome === "applied" &&
    action.node !== HALT_NODE &&
    !(action.kind === "delete" && action.reason === "released")
  );
}

type Found = {
  readonly cut: readonly WithheldAction[];
  readonly now: Snapshot;
  readonly moves: readonly Move[];
};

async function undo(
  { outcomes, apply }: RecheckRequest,
  { cut, now, moves }: Found,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<Rechecked> {
  const plan = takeBack(cut, now);
  const undone = await applyGuarded(plan, { ...apply, wantedBy: () => [] }, cluster, signal);
  const unfinished = new Map(
    undone.flatMap((it) => (it.outcome === "failed" ? [[it.action.name, it] as const] : [])),
  );
  const names = new Set(cut.map((it) => it.action.name));
  const because = describeMoves(moves);
  return {
    outcomes: [
      ...outcomes.filter((it) => !names.has(it.action.name)),
      ...cut.flatMap(({ action, violation }): readonly ActionOutcome[] => {
        const failed = unfinished.get(action.name);
        if (failed === undefined) return [];
        const detail = `${because} while it was written, so that ${violation.detail}; it could not be taken back: ${failed.detail}`;
        return [{ action, outcome: "failed", cause: failed.cause, detail }];
      }),
    ],
    withheld: cut
      .filter((it) => !unfinished.has(it.action.name))
      .map(({ action, violation }) => ({
        action,
        violation: {
          reason: "changed-meanwhile",
          detail: `${because} while it was written, so that ${violation.detail}; it was taken back`,
          fix: violation.fix,
        },
      })),
    findings: [
      {
        severity: "error",
        code: "changed-meanwhile",
        object: moves[0]?.object ?? "",
        message: `${because} after this run had proven its writes: ${countOf(cut)} would now lose an essential flow, and ${undone.length === 0 ? "nothing" : "its traffic"} was given back`,
        fix: cut[0]?.violation.fix ?? "",
      },
    ],
  };
}

function countOf(cut: readonly WithheldAction[]): string {
  const nodes = [...new Set(cut.map((it) => it.action.node))].sort();
  return `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} (${nodes.slice(0, 3).join(", ")}${nodes.length > 3 ? ", …" : ""})`;
}

const MOST_TOLD = 3;

function describeMoves(moves: readonly Move[]): string {
  const told = moves.slice(0, MOST_TOLD).map(({ object, how }) => `${object} ${how}`);
  return `${told.join(", ")}${moves.length > MOST_TOLD ? ` and ${moves.length - MOST_TOLD} more` : ""}`;
}

function notLooked(error: GatewayError): Finding {
  return {
    severity: "warning",
    code: "not-looked-again",
    object: "Cluster/policies",
    message: `whether what the writes were proven against has changed meanwhile could not be looked at: ${error.message}`,
    fix: 'nothing to do when the next run says nothing of it; "hepctl plan" shows what is denied now',
  };
}
