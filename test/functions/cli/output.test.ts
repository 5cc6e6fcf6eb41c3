import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import picocolors from "picocolors";
import { fitWidths, formatColumns, wrap } from "../../../functions/cli/output/columns.ts";
import { formatReport } from "../../../functions/cli/output/format-report.ts";
import { groupActions } from "../../../functions/cli/output/group-actions.ts";
import { openLog } from "../../../functions/cli/output/log.ts";
import { withoutControls, type Stream } from "../../../functions/cli/output/terminal.ts";
import type { Report, ReportedAction } from "../../../lib/model/report.ts";
import { lawRuns } from "../../unit/law-runs.ts";

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

describe("actions that are alike", () => {
  const create = (index: number, group: string, change: Partial<ReportedAction> = {}): ReportedAction => ({
    action: "create",
    hostEndpoint: `node-${index}`,
    node: `node-${index}`,
    changes: [
      { path: 'metadata.labels["eks.amazonaws.com/nodegroup"]', to: group },
      { path: 'metadata.labels["kubernetes.io/hostname"]', to: `node-${index}` },
      {
        path: 'metadata.annotations["hostendpoint-reconciler/provider-id"]',
        to: `aws:///eu-west-1${index % 2 === 0 ? "a" : "b"}/i-${String(index).padStart(17, "0")}`,
      },
      { path: "spec.expectedIPs", to: [`10.0.0.${index}`] },
      { path: "spec.interfaceName", to: "*" },
    ],
    outcome: "planned",
    reason: "missing",
    detail: "",
    ...change,
  });
  const fleet = Array.from({ length: 200 }, (_, index) => create(index, index % 4 === 0 ? "db" : "web"));
  const withActions = (actions: readonly ReportedAction[]) => ({
    ...report,
    actions,
    nodes: [],
    findings: [],
  });

  test("200 nodes are read at a glance; --full shows each, --summary only how many", () => {
    const text = formatReport(withActions(fleet), piped);
    expect(text.split("\n").length).toBeLessThan(20);
    expect(text).toContain("+ create 150 nodes of node group web; e.g. HostEndpoint/node-1\n");
    expect(text).toContain("+ create 50 nodes of node group db; e.g. HostEndpoint/node-0\n");
    expect(text).toContain('+ spec.expectedIPs: ["10.0.0.0"] (each its own)');
    expect(text).toContain('+ spec.interfaceName: "*"\n');
    expect(text).toContain("--full shows each");
    const full = formatReport(withActions(fleet), piped, "full");
    expect(full.match(/\+ create HostEndpoint\//g)).toHaveLength(200);
    const summary = formatReport(withActions(fleet), piped, "summary");
    expect(summary.split("\n").length).toBeLessThan(6);
    expect(summary).toContain("+ create 150 nodes of node group web");
  });

  test("what differs in more than what is each node's own stands alone", () => {
    const different: readonly Partial<ReportedAction>[] = [
      { action: "delete" },
      { outcome: "withheld", reason: "essential-flow-cut" },
      { reason: "drift" },
      { changes: [{ path: "spec.interfaceName", to: "eth0" }] },
      { outcome: "withheld", reason: "essential-flow-cut", detail: "another policy" },
    ];
    const actions = [create(1, "web"), ...different.map((it, index) => create(index + 2, "web", it))];
    expect(groupActions(actions).map((it) => it.members.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test("a few that are alike are shown one by one", () => {
    const text = formatReport(withActions(fleet.slice(0, 3)), piped);
    expect(text.match(/\+ create HostEndpoint\//g)).toHaveLength(3);
    expect(text).not.toContain("--full");
  });

  test("the same sentence about another node, address or machine is the same reason", () => {
    const held = (index: number) =>
      create(index, "web", {
        outcome: "withheld",
        reason: "essential-flow-cut",
        detail: `node-${index} (i-0123456789abcdef${index}) would not reach 10.0.1.${index}. Fix: allow it`,
      });
    expect(groupActions([1, 2, 3, 4].map(held)).map((it) => it.members.length)).toEqual([4]);
  });

  test("every action is in exactly one group, whatever they are", () => {
    const some = fc.record({
      index: fc.nat(30),
      group: fc.constantFrom("web", "db", "a b"),
      action: fc.constantFrom("create", "update", "delete", "adopt"),
      detail: fc.constantFrom("", "10.0.0.1", "node-1"),
    });
    fc.assert(
      fc.property(fc.array(some), (list) => {
        const actions = list.map(({ index, group, action, detail }) =>
          create(index, group, { action, detail }),
        );
        const groups = groupActions(actions);
        expect(groups.flatMap((it) => it.members).length).toBe(actions.length);
        expect(new Set(groups.flatMap((it) => it.members)).size).toBe(actions.length);
        for (const { example, members } of groups)
          expect(new Set(members.map((it) => it.action))).toEqual(new Set([example.action]));
      }),
      { numRuns: lawRuns(200) },
    );
  });
});

describe("control characters of what others wrote never reach a terminal", () => {
  test.each([
    ["a title", "a\u001b]0;owned\u0007b", "a\\u001b]0;owned\\u0007b"],
    ["the cursor", "a\u001b[2Jb\u001b[1;1H", "a\\u001b[2Jb\\u001b[1;1H"],
    ["hidden text", "\u001b[8mhidden", "\\u001b[8mhidden"],
    ["one byte that begins a sequence", "a\u009b2Jb", "a\\u009b2Jb"],
    ["the line anew", "safe\rDENY", "safe\\u000dDENY"],
    ["backspaces", "deny\b\b\b\ballow", "deny\\u0008\\u0008\\u0008\\u0008allow"],
    ["text that runs backwards", "a\u202eb", "a\\u202eb"],
  ])("%s", (_what, text, shown) => {
    expect(withoutControls(text)).toBe(shown);
  });
  test("lines, tabs and colours stay", () => {
    const text = "a\tb\n\u001b[31mred\u001b[39m \u001b[1mbold\u001b[22m";
    expect(withoutControls(text)).toBe(text);
  });
});
