import { FINDINGS } from "../../../lib/model/words/findings.ts";
import { CLUSTER_FINDINGS } from "../../../lib/model/words/cluster-findings.ts";
import { GUARD_FINDINGS } from "../../../lib/model/words/guard-findings.ts";
import { IGNORED_REASONS } from "../../../lib/model/words/ignored-reasons.ts";
import { INSTALLATION_FINDINGS } from "../../../lib/model/words/installation-findings.ts";
import { STANDING_REASONS, UNFIT_REASONS, WAITING_REASONS } from "../../../lib/model/words/node-reasons.ts";
import { OBJECT_FINDINGS } from "../../../lib/model/words/object-findings.ts";
import {
  CHANGE_REASONS,
  FAILURE_REASONS,
  NO_LONGER_NEEDED_REASONS,
} from "../../../lib/model/words/outcome-reasons.ts";
import { VERDICT_REASONS } from "../../../lib/model/words/verdict-reasons.ts";
import { WITHHELD_REASONS } from "../../../lib/model/words/withheld-reasons.ts";
import type { FindingWord, Word } from "../../../lib/model/words/word.ts";
import { table } from "./table.ts";

const INTRODUCTION = `# Findings and reasons

The closed words of the JSON: programs may compare them, and they are not renamed. Sentences beside them are for people, and
change freely. This page is written by \`npm run docs\` from \`lib/model/words/\`, where a new word is one entry.

A finding has a severity: \`error\` wants a person now, \`warning\` soon, \`info\` is good to know. Where a code can have
more than one, the table says when it has which.
`;

/** docs/findings.md: every code and reason with meaning and fix. Pure. */
export function findingsPage(): string {
  return [
    INTRODUCTION,
    `## Findings: ${Object.keys(FINDINGS).length} codes`,
    "### Of a plan (`plan`, `reconcile`, `doctor`)",
    findings(GUARD_FINDINGS),
    "### Of the cluster, its permissions and Calico (`doctor`)",
    findings(CLUSTER_FINDINGS),
    "### Of objects and nodes (`--world`, `explain`, `adopt`)",
    findings(OBJECT_FINDINGS),
    "### Of what is deployed in AWS (`doctor --cluster`)",
    findings(INSTALLATION_FINDINGS),
    "## Reasons of actions",
    "### `outcome: withheld`",
    words(WITHHELD_REASONS),
    "### `outcome: planned` and `applied`",
    words(CHANGE_REASONS),
    "### `outcome: no-longer-needed`",
    words(NO_LONGER_NEEDED_REASONS),
    "### `outcome: failed`",
    words(FAILURE_REASONS),
    "## Reasons of nodes",
    "A node that an action keeps back has the reason of that action; the others are these.",
    words({ ...STANDING_REASONS, ...WAITING_REASONS, ...UNFIT_REASONS }),
    "## Reasons of verdicts (`simulate`, `explain`)",
    meanings(VERDICT_REASONS),
    "## Reasons for which an event is ignored (log field and metric dimension)",
    meanings(IGNORED_REASONS),
  ].join("\n\n");
}

function findings(all: { readonly [code: string]: FindingWord }): string {
  return table(
    ["code", "severity", "meaning", "fix"],
    Object.entries(all)
      .sort(byWord)
      .map(([code, { severity, meaning, fix }]) => [`\`${code}\``, severities(severity), meaning, fix]),
  );
}

function severities(rule: FindingWord["severity"]): string {
  return Object.entries(rule)
    .map(([severity, when]) => (when === "always" ? severity : `${severity}: ${when}`))
    .join("; ");
}

function words(all: { readonly [reason: string]: Word }): string {
  return table(
    ["reason", "meaning", "fix"],
    Object.entries(all)
      .sort(byWord)
      .map(([reason, { meaning, fix }]) => [`\`${reason}\``, meaning, fix]),
  );
}

function meanings(all: { readonly [reason: string]: string }): string {
  return table(
    ["reason", "meaning"],
    Object.entries(all)
      .sort(byWord)
      .map(([reason, meaning]) => [`\`${reason}\``, meaning]),
  );
}

function byWord([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
