/** What a change of policies would do, for a person at a terminal: the cuts first. */
import type { EssentialChange, Impact, PolicyChange, TrafficImpact } from "../../../../lib/model/impact.ts";
import { wrap } from "../columns.ts";
import { formatFindings } from "../format-findings.ts";
import type { Stream } from "../terminal.ts";
import { CHANGE_WORDS, sayFlow, sayNodes, sayTraffic, sayVerdict } from "./say-traffic.ts";

/** More would push the summary off the screen; `-o json` has all. */
const MOST_TRAFFIC = 40;

export function formatImpact(impact: Impact, stream: Stream): string {
  const { bold } = stream.colors;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? "" : `${bold(title)}\n${lines.join("\n")}`;
  const rest = impact.traffic.length - MOST_TRAFFIC;
  return [
    section(
      "Essential flows",
      impact.essential.map((it) => formatEssential(it, stream)),
    ),
    section(
      "Policies",
      impact.policies.map((it) => formatPolicy(it, stream)),
    ),
    section("Other traffic that changes", [
      ...impact.traffic.slice(0, MOST_TRAFFIC).map((it) => formatTraffic(it, stream)),
      ...(rest > 0 ? [`  and ${rest} more; -o json shows them`] : []),
    ]),
    impact.findings.length === 0 ? "" : `${bold("Findings")}\n${formatFindings(impact.findings, stream)}`,
    formatSummary(impact, stream),
  ]
    .filter((it) => it !== "")
    .join("\n\n");
}

function formatEssential({ change, nodes, message, fix }: EssentialChange, stream: Stream): string {
  const { red, yellow, green } = stream.colors;
  const color = { cut: red, "may-be-cut": yellow, opened: green }[change];
  return [
    `  ${color(CHANGE_WORDS[change])} on ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}: ${sayNodes(nodes)}`,
    wrap(message, "      ", stream),
    ...(fix === "" ? [] : [wrap(`Fix: ${fix}`, "      ", stream)]),
  ].join("\n");
}

function formatPolicy({ policy, tier, change, directions, nodes }: PolicyChange, stream: Stream): string {
  const verb = change === "starts" ? "starts to select" : "no longer selects";
  return wrap(
    `${policy} (tier ${tier}) ${verb} ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}, ${directions.join(" and ")}: ${sayNodes(nodes)}`,
    "  ",
    stream,
  );
}

function formatTraffic(it: TrafficImpact, stream: Stream): string {
  const { green, red, yellow } = stream.colors;
  const color = { allow: green, deny: red, unknown: yellow }[it.after.verdict];
  return [
    `  ${sayTraffic(it)}`,
    wrap(
      `${sayVerdict(it.before)} -> ${color(sayVerdict(it.after))}, e.g. ${sayFlow(it.example)} on ${it.nodes.length === 1 ? "node" : "nodes"} ${sayNodes(it.nodes)}`,
      "      ",
      stream,
    ),
  ].join("\n");
}

function formatSummary({ status, counts }: Impact, { colors }: Stream): string {
  const { bold, red, green } = colors;
  const over = `Looked at ${counts.governed} governed of ${counts.nodes} nodes.`;
  switch (status) {
    case "unchanged":
      return `${bold(green("No change."))} No flow of a node would fare otherwise. ${over}`;
    case "changes":
      return `${bold("Changes:")} no essential flow would be cut; ${counts.essentialOpened} opened, ${counts.trafficChanges} kinds of other traffic change. ${over}`;
    case "cuts":
      return `${bold(red("Cuts:"))} ${counts.essentialCut} essential ${counts.essentialCut === 1 ? "flow" : "flows"} would be cut, or might be; ${counts.trafficChanges} kinds of other traffic change. ${over}`;
  }
}
