import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { ASSUMPTIONS, costFile, costTable, monthlyCost } from "../../infra/cost.ts";
import { RECONCILE_MEMORY } from "../../infra/constructs/reconciler-function.ts";
import { METRIC_DIMENSION_SETS, METRICS } from "../../lib/names/names.ts";
import { aTemplate, EVERYTHING, resourcesOf, someSettings } from "./a-stack.ts";

describe("what it costs", () => {
  test("the table of COST.md is what the prices and assumptions give (node functions/local/run.mjs infra/write-cost-table.ts)", () => {
    expect(tableIn(readFileSync(costFile, "utf8"))).toBe(tableIn(costTable()));
  });

  test("the assumptions are those of the stack and of the default settings", () => {
    expect(ASSUMPTIONS.alarms).toBe(
      Object.keys(resourcesOf(aTemplate(EVERYTHING), "AWS::CloudWatch::Alarm")).length,
    );
    expect(ASSUMPTIONS.metrics).toBe(METRICS.length * METRIC_DIMENSION_SETS.length);
    expect(ASSUMPTIONS.memoryGigabytes * 1024).toBe(RECONCILE_MEMORY);
    expect(someSettings().schedule).toBe(`rate(${ASSUMPTIONS.resyncMinutes} minutes)`);
  });

  test("the parts add up, and only what grows with the fleet grows", () => {
    const [small, large] = [monthlyCost(10), monthlyCost(1000)];
    const { total, ...parts } = small;
    expect(Object.values(parts).reduce((sum, part) => sum + part)).toBeCloseTo(total, 10);
    expect(large.lambda).toBeGreaterThan(small.lambda);
    expect({ ...large, lambda: 0, queueAndSchedule: 0, logs: 0, total: 0 }).toEqual({
      ...small,
      lambda: 0,
      queueAndSchedule: 0,
      logs: 0,
      total: 0,
    });
  });
});

/** The lines of a Markdown file that are a table, without the blanks that a formatter adds. */
function tableIn(markdown: string): string {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---"))
    .join("\n");
}
