import type { EssentialChange, Impact } from "../../../../lib/model/impact.ts";
import type { Place } from "../../input/read-proposal.ts";
import { escapeXml } from "../escape-xml.ts";
import { placeOf } from "./place-of.ts";

/** JUnit's XML, as CI servers read it: one test for each essential flow that changes, and one for the change as a whole. */
export function impactAsJunit(impact: Impact, places: ReadonlyMap<string, Place>): string {
  const cases = impact.essential.map((it) => testCase(it, places));
  const failures = impact.counts.essentialCut;
  const whole =
    failures > 0
      ? []
      : [`    <testcase classname="hepctl.impact" name="no essential flow of a node is cut"/>`];
  const count = cases.length + whole.length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="hepctl impact" tests="${count}" failures="${failures}" errors="0">`,
    `  <testsuite name="essential flows" tests="${count}" failures="${failures}" errors="0" skipped="0">`,
    ...cases,
    ...whole,
    "  </testsuite>",
    "</testsuites>",
  ].join("\n");
}

function testCase(it: EssentialChange, places: ReadonlyMap<string, Place>): string {
  const place = placeOf(it.decidedBy, places);
  const where = place === undefined ? "" : ` file="${escapeXml(place.file)}" line="${place.line}"`;
  const open = `    <testcase classname="hepctl.impact" name="${escapeXml(`${it.id} (${it.nodes.length} nodes)`)}"${where}`;
  if (it.change === "opened") return `${open}/>`;
  return [
    `${open}>`,
    `      <failure type="${it.change}" message="${escapeXml(it.message)}">${escapeXml(`Nodes: ${it.nodes.join(", ")}\nFix: ${it.fix}`)}</failure>`,
    "    </testcase>",
  ].join("\n");
}
