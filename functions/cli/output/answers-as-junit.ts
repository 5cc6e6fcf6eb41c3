import type { JudgedAnswer } from "../../../lib/simulate/simulate.ts";
import { escapeXml } from "./escape-xml.ts";

/** JUnit's XML, as CI servers read it: one test for each flow that says what it expects. */
export function answersAsJunit(answers: readonly JudgedAnswer[]): string {
  const tests = answers.filter((it) => it.expected !== undefined);
  const failures = tests.filter((it) => it.expected !== it.verdict).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="hepctl simulate" tests="${tests.length}" failures="${failures}" errors="0">`,
    `  <testsuite name="flows" tests="${tests.length}" failures="${failures}" errors="0" skipped="0">`,
    ...tests.map(testCase),
    "  </testsuite>",
    "</testsuites>",
  ].join("\n");
}

function testCase({ id, verdict, expected, reason, path }: JudgedAnswer): string {
  const open = `    <testcase classname="hepctl.simulate" name="${escapeXml(id)}"`;
  if (verdict === expected) return `${open}/>`;
  const message = `expected ${expected ?? ""}, got ${verdict} (${reason})`;
  return [
    `${open}>`,
    `      <failure type="${verdict}" message="${escapeXml(message)}">${escapeXml(path.join("\n"))}</failure>`,
    "    </testcase>",
  ].join("\n");
}
