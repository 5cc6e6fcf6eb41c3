import type { Impact } from "../../../../lib/model/impact.ts";
import { CHANGE_WORDS, sayFlow, sayNodes, sayTraffic, sayVerdict } from "./say-traffic.ts";

/** A comment for a merge request has room for about 65,000 characters. */
const MOST_ROWS = 50;

/** The impact as a comment for a merge request: the verdict in the first line, tables below. */
export function impactAsMarkdown(impact: Impact): string {
  const { essential, traffic, policies, findings } = impact;
  return [
    `### ${headline(impact)}`,
    `${impact.counts.governed} of ${impact.counts.nodes} nodes have a HostEndpoint that policies can act on.`,
    table(
      "Essential flows",
      ["", "Flow", "Nodes", "Why", "Fix"],
      essential.map((it) => [
        `**${CHANGE_WORDS[it.change]}**`,
        it.id,
        sayNodes(it.nodes),
        it.message,
        it.fix,
      ]),
    ),
    table(
      "Policies that start or stop to select nodes",
      ["Policy", "", "Nodes"],
      policies.map((it) => [
        `${it.policy} (tier ${it.tier})`,
        `${it.change}, ${it.directions.join(" and ")}`,
        sayNodes(it.nodes),
      ]),
    ),
    table(
      "Other traffic that changes",
      ["Traffic", "Before", "After", "Example", "Nodes"],
      traffic.map((it) => [
        sayTraffic(it),
        sayVerdict(it.before),
        sayVerdict(it.after),
        sayFlow(it.example),
        sayNodes(it.nodes),
      ]),
    ),
    table(
      "Findings",
      ["", "Object", "What", "Fix"],
      findings.map((it) => [it.severity, it.object, it.message, it.fix]),
    ),
  ]
    .filter((it) => it !== "")
    .join("\n\n");
}

/** One line: what a reviewer has to know. */
export function headline({ status, counts }: Pick<Impact, "status" | "counts">): string {
  switch (status) {
    case "cuts":
      return `This change would cut ${counts.essentialCut} essential ${counts.essentialCut === 1 ? "flow" : "flows"} of nodes`;
    case "changes":
      return "No essential flow would be cut; some traffic of nodes changes";
    case "unchanged":
      return "No traffic of a node changes";
  }
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  const rest = rows.length - MOST_ROWS;
  return [
    `#### ${title}`,
    "",
    line(head),
    `| ${head.map(() => "---").join(" | ")} |`,
    ...rows.slice(0, MOST_ROWS).map(line),
    ...(rest > 0 ? ["", `and ${rest} more; \`hepctl impact -o json\` shows them.`] : []),
  ].join("\n");
}

/** Names of objects are other people's text: nothing in them may become markup. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replace(/[\\`*_{}[\]<>|#]/g, (it) => (it === "<" ? "&lt;" : it === ">" ? "&gt;" : `\\${it}`));
}
