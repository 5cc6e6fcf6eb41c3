import type { Finding } from "../../model/finding.ts";
import type { Violation } from "../../model/guarded-plan.ts";
import type { Action } from "../../model/plan.ts";
import type { World } from "../../policy/world/world.ts";
import { allowRulesFor } from "../fix/allow-rules.ts";
import { failsafeFix } from "../fix/failsafe-fix.ts";
import { BASELINE, FORWARD, remedyFor } from "../fix/remedy-for.ts";
import { canBeFailsafe } from "../fix/merge-failsafes.ts";
import { describeCut } from "../fix/describe-cut.ts";
import { isForwarded } from "../essential-flows/essential-flow.ts";
import { prepareProof, type ProofBasis } from "../proof/prepare-proof.ts";
import type { Cut } from "../proof/judge-flow.ts";
import { provePlan } from "../proof/prove-plan.ts";
import { startingPolicies } from "../proof/starting-policies.ts";
import type { GuardRequest, Rule } from "../rule.ts";

/**
 * No write may turn an essential flow from allowed to denied, in any order of the writes, on its own node or on another.
 * A flow that is denied already is a finding: withholding the write would not bring it back.
 */
export const essentialFlowsRule: Rule = (request) => {
  const basis = prepareProof(request.snapshot, request.safety);
  const proof = provePlan({
    observed: request.snapshot.hostEndpoints,
    nodes: request.snapshot.nodes,
    actions: request.plan.actions,
    policies: basis.policies,
    flows: basis.flows,
    complete: request.snapshot.complete,
    nodeBlocks: basis.network.vpc.nets,
  });
  const texts = new Map<Cut, string>();
  const textOf = (cut: Cut): string => {
    const text = texts.get(cut) ?? describeCut(cut, proof.after, "then");
    texts.set(cut, text);
    return text;
  };
  return {
    judge: (action) => {
      const cuts = proof.blamed.get(action);
      if (cuts !== undefined) return violationOf(action, cuts, textOf);
      return proof.tooMany.has(action) ? tooManyWrites(action) : undefined;
    },
    findings: [
      ...cutFindings([...new Set([...proof.blamed.values()].flat())], request, basis, textOf),
      ...deniedFindings(proof.deniedNow, proof.before),
      ...startingPolicies(proof.before, proof.after),
    ],
    denied: proof.deniedNow
      .filter((it) => it.outcome === "deny")
      .flatMap(({ flow, nodes }) => nodes.map((node) => ({ node, flow: flow.id }))),
  };
};

const MOST_FLOWS_TOLD = 4;

function violationOf(action: Action, cuts: readonly Cut[], textOf: (cut: Cut) => string): Violation {
  const byFlow = [...new Map(cuts.map((it) => [it.flow.id, it])).values()];
  const isCut = cuts.some((it) => it.outcome === "deny");
  const own = cuts.some((it) => it.nodes.includes(action.node));
  const told = byFlow.slice(0, MOST_FLOWS_TOLD).map(textOf);
  const rest = byFlow.slice(MOST_FLOWS_TOLD).map((it) => it.flow.id);
  const where = own
    ? ""
    : `it would change other nodes (${[...new Set(cuts.flatMap((it) => it.nodes))].slice(0, 3).join(", ")}): `;
  const remedy = remedyFor(byFlow.map((it) => it.flow));
  return {
    reason: isCut ? "essential-flow-cut" : "essential-flow-unknown",
    detail: `${where}${told.join("; ")}${rest.length === 0 ? "" : `; also ${rest.join(", ")}`}`,
    fix: isCut
      ? remedy
      : `${remedy}; or say which addresses are meant: take the flow out (\`essentialFlowsWithout: [${byFlow.map((it) => it.flow.id).join(", ")}]\`) and name the real ones under \`essentialFlows\``,
  };
}

function tooManyWrites(action: Action): Violation {
  return {
    reason: "essential-flow-unknown",
    detail: `several writes share the addresses of node ${action.node}; a run does a few of them, so that every order of them can be proven`,
    fix: "nothing to do: the next run goes on",
  };
}

/** One finding for each flow that is cut, and one patch of the failsafes for all that failsafes can keep open. */
function cutFindings(
  cuts: readonly Cut[],
  request: GuardRequest,
  basis: ProofBasis,
  textOf: (cut: Cut) => string,
): readonly Finding[] {
  const byFlow = Map.groupBy(cuts, (it) => it.flow.id);
  return [
    ...[...byFlow.values()].flatMap((same): readonly Finding[] => {
      const [first] = same;
      if (first === undefined) return [];
      const nodes = new Set(same.flatMap((it) => it.nodes)).size;
      const isCut = same.some((it) => it.outcome === "deny");
      const rules = allowRulesFor(first.flow, basis.network.vpc.nets);
      return [
        {
          severity: severityOf(first),
          code: isCut ? "essential-flow-cut" : "essential-flow-unknown",
          object: objectOf(first),
          message: `${textOf(first)} (${nodes} ${nodes === 1 ? "node" : "nodes"}; needed because ${first.flow.reason})`,
          fix: isForwarded(first.flow)
            ? FORWARD
            : `${BASELINE}, or allow it in a policy: ${JSON.stringify(rules)}`,
        },
      ];
    }),
    ...failsafeFinding([...new Map(cuts.map((it) => [it.flow.id, it.flow])).values()], request),
  ];
}

function failsafeFinding(flows: readonly Cut["flow"][], { snapshot }: GuardRequest): readonly Finding[] {
  const coverable = flows.filter(canBeFailsafe);
  const fix = failsafeFix(snapshot, coverable);
  if (fix === undefined) return [];
  return [
    {
      severity: "error",
      code: "failsafe-gap",
      object: fix.object,
      message: `its failsafes do not keep these essential flows open: ${fix.missing.join(", ")}`,
      fix: fix.command,
    },
  ];
}

function deniedFindings(denied: readonly Cut[], world: World): readonly Finding[] {
  return [...Map.groupBy(denied, (it) => `${it.flow.id} ${it.outcome}`).values()].flatMap(
    (same): readonly Finding[] => {
      const [first] = same;
      if (first === undefined) return [];
      const nodes = same.flatMap((it) => it.nodes);
      return [
        {
          ...(first.outcome === "deny"
            ? ({ severity: severityOf(first), code: "essential-flow-denied" } as const)
            : ({ severity: "warning", code: "essential-flow-doubtful" } as const)),
          object: objectOf(first),
          message: `${describeCut(first, world, "now")} (${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}: ${nodes.slice(0, 3).join(", ")}${nodes.length > 3 ? ", …" : ""}; needed because ${first.flow.reason})`,
          fix: remedyFor([first.flow]),
        },
      ];
    },
  );
}

function severityOf({ flow }: Cut): "error" | "warning" {
  return flow.weight === "lockout" ? "error" : "warning";
}

function objectOf({ verdict }: Cut): string {
  const { policy, tier, hostEndpoint } = verdict.decidedBy;
  if (policy !== undefined) return `GlobalNetworkPolicy/${policy}`;
  if (verdict.reason === "end-of-tier" && tier !== undefined) return `Tier/${tier}`;
  return hostEndpoint === undefined ? "Cluster/hostendpoints" : `HostEndpoint/${hostEndpoint}`;
}
