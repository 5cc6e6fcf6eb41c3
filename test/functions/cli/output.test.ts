import { describe, expect, test } from "@jest/globals";
import picocolors from "picocolors";
import { fitWidths, formatColumns, wrap } from "../../../functions/cli/output/columns.ts";
import { formatReport } from "../../../functions/cli/output/format-report.ts";
import { openLog } from "../../../functions/cli/output/log.ts";
import type { Stream } from "../../../functions/cli/output/terminal.ts";
import type { Report } from "../../../lib/model/report.ts";

const piped: Stream = {
  write: () => {},
  isTerminal: false,
  width: Number.POSITIVE_INFINITY,
  colors: picocolors.createColors(false),
};
const terminal: Stream = { ...piped, isTerminal: true, width: 60, colors: picocolors.createColors(true) };

const report: Report = {
  status: "withheld",
  stage: "enforce",
  group: "crd.projectcalico.org/v1",
  counts: {
    nodes: 4,
    protected: 1,
    unprotected: 3,
    create: 1,
    update: 1,
    delete: 0,
    unchanged: 1,
    withheld: 1,
    failed: 0,
    foreign: 0,
  },
  actions: [
    {
      action: "create",
      hostEndpoint: "a",
      node: "a",
      changes: [{ path: "spec.node", to: "a" }],
      outcome: "planned",
      reason: "missing",
      detail: "",
    },
    {
      action: "update",
      hostEndpoint: "b",
      node: "b",
      changes: [
        { path: "spec.expectedIPs", from: ["10.0.0.1"], to: ["10.0.0.2"] },
        { path: 'metadata.labels["x"]', from: "1" },
      ],
      outcome: "planned",
      reason: "drift",
      detail: "",
    },
    {
      action: "create",
      hostEndpoint: "c",
      node: "c",
      changes: [],
      outcome: "withheld",
      reason: "essential-flow-cut",
      detail: "policy deny-all denies dns. Fix: hepctl baseline | kubectl apply -f -",
    },
  ],
  nodes: [
    { node: "a", status: "waiting", reason: "planned", detail: "a reconcile would change it" },
    {
      node: "d",
      status: "unfit",
      reason: "fargate",
      detail: "a Fargate node runs no Felix, and this sentence is far longer than a narrow terminal is wide",
    },
  ],
  findings: [
    {
      severity: "warning",
      code: "loses-precedence",
      object: "HostEndpoint/z",
      message: "two endpoints",
      fix: "remove one",
    },
  ],
};

describe("a report for people", () => {
  test("piped: everything, nothing cut, no colour", () => {
    expect(formatReport(report, piped)).toBe(
      [
        "  + create HostEndpoint/a",
        '      + spec.node: "a"',
        "",
        "  ~ update HostEndpoint/b",
        '      ~ spec.expectedIPs: ["10.0.0.1"] -> ["10.0.0.2"]',
        '      - metadata.labels["x"]: "1"',
        "",
        "Withheld, because it could cut a node off or is not safe now:",
        "  + create HostEndpoint/c [withheld: essential-flow-cut]",
        "      policy deny-all denies dns.",
        "      Fix: hepctl baseline | kubectl apply -f -",
        "",
        "NODE   STATUS   REASON    DETAIL",
        "d      unfit    fargate   a Fargate node runs no Felix, and this sentence is far longer than a narrow terminal is wide",
        "",
        "Findings:",
        "  warning HostEndpoint/z (loses-precedence)",
        "      two endpoints",
        "      Fix: remove one",
        "",
        "Plan: 1 to create, 1 to update, 0 to delete, 1 withheld. 1 of 4 nodes protected (crd.projectcalico.org/v1, stage enforce).",
      ].join("\n"),
    );
  });

  test("on a terminal: coloured, and tables fit", () => {
    const text = formatReport(report, terminal);
    expect(text).toContain("\u001b[32m");
    const row = text.split("\n").find((it) => it.startsWith("d  "));
    expect(row).toMatch(/…$/);
    expect(row?.length).toBeLessThanOrEqual(60);
  });
});

describe("columns", () => {
  test("the widest give way first, and none becomes unreadable", () => {
    expect(fitWidths([4, 40, 80], 60)).toEqual([4, 28, 28]);
    expect(fitWidths([4, 10, 80], 60)).toEqual([4, 10, 46]);
    expect(fitWidths([20, 20], 4)).toEqual([8, 8]);
  });
  test("values with line breaks stay on one line", () => {
    expect(formatColumns(["a\nb"], [{ title: "T", value: (it) => it }], 80)).toBe("T\na b");
  });
  test("text is broken at spaces", () => {
    expect(wrap("one two three four", "  ", { width: 12 })).toBe("  one two\n  three four");
  });
});

test("a log line is one line: a constant message, then its fields", () => {
  let written = "";
  const log = openLog({ ...piped, write: (text) => (written += text) }, "info", () => 0);
  log.debug("hidden");
  log.info("reconciled", {
    status: "converged",
    nodes: 3,
    nothing: undefined,
    error: 'two\nlines and "quotes"',
  });
  expect(written).toBe(
    '1970-01-01T00:00:00.000Z info reconciled status=converged nodes=3 error="two\\nlines and \\"quotes\\""\n',
  );
});
