import { expect, test } from "@jest/globals";
import type { Flow } from "../../../lib/model/flow.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import { verdictFor } from "../../../lib/policy/verdict.ts";
import { describeOracle, oracleCases, oracleWorld, printAgreement } from "./oracle.ts";

type Case = {
  readonly id: string;
  readonly world: string;
  readonly flow: Flow;
  readonly verdict: "allow" | "deny";
  readonly roundtrip: "allow" | "deny" | null;
  readonly nodes: readonly string[];
};

/** A flow between two nodes passes when both ends let it. */
function verdictsOf(recorded: Case): readonly Verdict[] {
  const world = oracleWorld(recorded.world);
  const otherEnds = recorded.nodes
    .filter((node) => node !== recorded.flow.node)
    .map((node): Flow => ({
      ...recorded.flow,
      node,
      interface: "eth0",
      direction: recorded.flow.direction === "ingress" ? "egress" : "ingress",
    }));
  return [recorded.flow, ...otherEnds].map((flow) => verdictFor(world, flow));
}

function worst(verdicts: readonly (Verdict["verdict"] | undefined)[]): Verdict["verdict"] {
  if (verdicts.includes("deny")) return "deny";
  return verdicts.includes("unknown") ? "unknown" : "allow";
}

describeOracle("verdicts.jsonl", () => {
  test("the fate of every recorded packet", () => {
    const cases = oracleCases<Case>("verdicts.jsonl");
    const answers = cases.map((recorded) => ({
      recorded,
      verdict: worst(verdictsOf(recorded).map(({ verdict }) => verdict)),
    }));
    const unknown = answers.filter(({ verdict }) => verdict === "unknown");
    const wrong = answers.filter(
      ({ recorded, verdict }) => verdict !== "unknown" && verdict !== recorded.verdict,
    );
    printAgreement(
      "verdicts.jsonl",
      cases.length,
      cases.length - unknown.length - wrong.length,
      unknown.length,
    );
    expect(
      wrong.map(
        ({ recorded, verdict }) => `${recorded.id}: recorded ${recorded.verdict}, computed ${verdict}`,
      ),
    ).toEqual([]);
    expect(unknown.length).toBeLessThan(cases.length * 0.02);
  });

  test("the fate of every recorded answer", () => {
    const cases = oracleCases<Case>("verdicts.jsonl").filter(
      ({ verdict, roundtrip }) => verdict === "allow" && roundtrip !== null,
    );
    const wrong = cases.filter(
      (recorded) => worst(verdictsOf(recorded).map(({ reply }) => reply?.verdict)) !== recorded.roundtrip,
    );
    printAgreement("verdicts.jsonl (answers)", cases.length, cases.length - wrong.length);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});
