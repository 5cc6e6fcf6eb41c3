import type { RuleFact } from "../model/installation.ts";

/** The parts of an EventBridge pattern that tell our rules apart. Matchers that are no plain text (prefix, ...) are left out. */
export function readRulePattern(
  text: string | undefined,
): Pick<RuleFact, "sources" | "detailTypes" | "autoScalingGroups"> {
  const pattern: unknown = text === undefined ? {} : JSON.parse(text);
  return {
    sources: textsAt(pattern, "source"),
    detailTypes: textsAt(pattern, "detail-type"),
    autoScalingGroups: textsAt(fieldOf(pattern, "detail"), "AutoScalingGroupName"),
  };
}

function textsAt(value: unknown, key: string): readonly string[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list.filter((it) => typeof it === "string") : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}
