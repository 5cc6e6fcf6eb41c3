import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { table } from "./table.ts";

const ROWS: readonly (readonly [file: string, what: string, test: string])[] = [
  ["verdicts.jsonl", "the fate of real packets under a real Felix", "oracle-verdicts"],
  ["hep-tiers.jsonl", "which policies an endpoint gets, in which order and hook", "oracle-endpoint-tiers"],
  ["policy-order.jsonl", "how Felix sorts tiers and policies", "oracle-order"],
  ["selectors.jsonl", "what a selector matches, and which are errors", "oracle-selectors"],
  ["validation.jsonl", "what each layer refuses, by field, and what Felix drops", "oracle-validation"],
  ["failsafes.jsonl", "how Felix reads lists of failsafe ports", "oracle-failsafes"],
  ["poison.jsonl", "what an object does to a running Felix", "oracle-poison"],
  ["by-version/hep-tiers-by-version.jsonl", "the same at 3.29.7, 3.31.7 and 3.32.1", "oracle-endpoint-tiers"],
  ["by-version/policy-order-by-version.jsonl", "the same at 3.29.7, 3.31.7 and 3.32.1", "oracle-order"],
  ["by-version/validation-by-version.jsonl", "the same at 3.29.7, 3.31.7 and 3.32.1", "oracle-validation"],
  ["by-version/failsafes-by-version.jsonl", "the same at 3.29.7, 3.31.7 and 3.32.1", "oracle-failsafes"],
];

/** docs/why-believe-it.md: what was recorded of the real programs, and how many of the cases the suite replays. */
export function recordingsPage(): string {
  const rows = ROWS.map(([file, what, test]) => [
    `\`${file}\``,
    what,
    linesOf(file).toLocaleString("en-US"),
    `[${test}](../test/unit/policy/${test}.test.ts)`,
  ]);
  return `# Why believe it

The guard rests on a model of Calico's decision procedure. A model is worth what it was compared with, so here is with what,
and where it ends. Written by \`npm run docs\`; the numbers are counted from the files.

## What was recorded

Calico's own programs, built from its source (a snapshot of August 2026, and the releases 3.29.7, 3.31.7 and 3.32.1), were run
on generated and hand-made cases; what they did stands in \`test/oracle/\` (its README tells how each was made). The packets went through
real network namespaces under a real Felix with the iptables dataplane, some with nftables; each flow was sent twice, and what was not the
same both times was dropped.

${table(["file", "what it tells", "cases", "replayed by"], rows)}

**Every case agrees, and none is answered \`unknown\`**: each of these tests fails over a single difference, and prints its
count (\`oracle verdicts.jsonl: … agree, … unknown\`). They run on the functions that the product calls. \`CALICO_ORACLE=FOLDER\`
runs them on other recordings of the same form.

What Calico's kube-controllers did to automatic host endpoints (\`auto-hep.jsonl\`, ${linesOf("auto-hep.jsonl")} cases) is replayed
by [auto-hep-oracle](../test/unit/moving/auto-hep-oracle.test.ts); what is done otherwise, and why, is in [moving.md](moving.md).

## What is \`unknown\`

What cannot be decided from what was read is answered \`unknown\`, never guessed, and the guard treats it as denied. Its reasons, with what would have to
be known, are in [findings.md](findings.md), “Reasons of verdicts”. Where several versions of Calico may be running and they disagree,
the verdict is \`unknown\` with each version's own reading.

## What is not modelled

- The eBPF dataplane was read in source, not recorded; Windows enforces no host endpoints.
- Rules outside of Calico: other chains of the kernel, security groups, network ACLs, service meshes.
- Calico Enterprise's own policy fields, application layer policy and domain names in rules.
- Time: connections that exist when a policy changes may live on in connection tracking.
- Versions of Calico before 3.26, and what 3.33 will change.
`;
}

function linesOf(file: string): number {
  const text = gunzipSync(readFileSync(new URL(`../../../test/oracle/${file}.gz`, import.meta.url)));
  return text
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "").length;
}
