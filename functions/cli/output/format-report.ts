/** A run's report for a person: what changes, what is withheld and why, which nodes are not settled, what was found. */
import type { Report, ReportedAction, ReportedNode } from "../../../lib/model/report.ts";
import { formatColumns } from "./columns.ts";
import { formatAction, formatActionGroup, formatGroupHead } from "./format-changes.ts";
import { formatFindings } from "./format-findings.ts";
import { groupActions, type ActionGroup } from "./group-actions.ts";
import type { Stream } from "./terminal.ts";

/** Longer lists of nodes are cut here, with a count of the rest; `-o json` has them all. */
const mostNodes = 50;

/** How much a person wants to read: alike actions as one, each action, or heads and numbers only. */
export type Detail = "grouped" | "full" | "summary";

/** So few that are alike are shown one by one. */
const fewAlike = 3;

export function formatReport(report: Report, stream: Stream, detail: Detail = "grouped"): string {
  const withheld = report.actions.filter((it) => it.outcome === "withheld");
  const others = report.actions.filter((it) => it.outcome !== "withheld");
  const changed = report.findings.filter((it) => it.code === "settings-changed");
  return [
    ...changed.map((it) => `${stream.colors.bold("Other settings than before:")} ${it.message}.\n${it.fix}`),
    section("", others, stream, detail),
    section("Withheld, because it could cut a node off or is not safe now:", withheld, stream, detail),
    detail === "summary" ? "" : formatNodes(report, stream),
    report.findings.length === 0
      ? ""
      : detail === "summary"
        ? `${report.findings.length} findings: ${[...new Set(report.findings.map((it) => it.code))].join(", ")}.`
        : `Findings:\n${formatFindings(report.findings, stream)}`,
    formatSummary(report, stream),
  ]
    .filter((it) => it !== "")
    .join("\n\n");
}

function section(title: string, actions: readonly ReportedAction[], stream: Stream, detail: Detail): string {
  if (actions.length === 0) return "";
  const blocks =
    detail === "full" ? actions.map((it) => formatAction(it, stream)) : grouped(actions, stream, detail);
  const list = blocks.join(blocks.some((it) => it.includes("\n")) ? "\n\n" : "\n");
  return title === "" ? list : `${stream.colors.bold(title)}\n${list}`;
}

function grouped(actions: readonly ReportedAction[], stream: Stream, detail: Detail): readonly string[] {
  const groups = groupActions(actions);
  if (detail === "summary") return groups.map((it) => formatGroupHead(it, stream));
  const isOne = ({ members }: ActionGroup) => members.length > fewAlike;
  const hint = groups.some(isOne)
    ? [stream.colors.dim("  Those that are alike are shown as one; --full shows each.")]
    : [];
  return [
    ...groups.flatMap((it) =>
      isOne(it) ? [formatActionGroup(it, stream)] : it.members.map((one) => formatAction(one, stream)),
    ),
    ...hint,
  ];
}

/** `Plan: 3 to create, 1 to update, 0 to delete, 2 withheld.`, or what was done. */
export function formatSummary(report: Report, stream: Stream): string {
  const { bold } = stream.colors;
  const { counts } = report;
  const planned = count(report, "planned");
  const state = `${counts.protected} of ${counts.protected + counts.unprotected} nodes protected (${report.group}, stage ${report.stage}).`;
  if (report.actions.length === 0)
    return `${bold(report.status === "converged" ? "No changes." : `No changes, status ${report.status}.`)} ${state}`;
  if (planned.total > 0 || report.actions.every((it) => it.outcome === "withheld")) {
    const held = report.actions.filter((it) => it.outcome === "withheld").length;
    return `${bold("Plan:")} ${planned.create} to create, ${planned.update} to update, ${planned.delete} to delete, ${held} withheld. ${state}`;
  }
  const applied = count(report, "applied");
  const adopted = applied.adopt === 0 ? "" : `${applied.adopt} adopted, `;
  return `${bold("Done:")} ${adopted}${applied.create} created, ${applied.update} updated, ${applied.delete} deleted, ${counts.withheld} withheld, ${counts.failed} failed. ${state}`;
}

function count(report: Report, outcome: ReportedAction["outcome"]) {
  const actions = report.actions.filter((it) => it.outcome === outcome);
  const of = (action: ReportedAction["action"]) => actions.filter((it) => it.action === action).length;
  return {
    create: of("create"),
    update: of("update"),
    delete: of("delete"),
    adopt: of("adopt"),
    total: actions.length,
  };
}

/** Nodes that a person should look at: neither converged nor already told by an action. */
function formatNodes({ nodes, actions }: Report, stream: Stream): string {
  const told = new Set(actions.filter((it) => it.outcome === "withheld").map((it) => it.node));
  const isOpen = ({ node, status, reason }: ReportedNode) =>
    status !== "converged" && reason !== "planned" && !(status === "withheld" && told.has(node));
  const unsettled = nodes.filter(isOpen);
  if (unsettled.length === 0) return "";
  const shown = unsettled.slice(0, mostNodes);
  const more = unsettled.length - shown.length;
  return [
    formatColumns(
      shown,
      [
        { title: "NODE", value: (it) => it.node },
        { title: "STATUS", value: (it) => it.status },
        { title: "REASON", value: (it) => it.reason },
        { title: "DETAIL", value: (it) => it.detail },
      ],
      stream.width,
    ),
    ...(more > 0 ? [`... and ${more} more; -o json lists them all`] : []),
  ].join("\n");
}
