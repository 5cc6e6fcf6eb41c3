/** An explanation for a person, from the node's labels down to the policies. */
import type { ExplainedEndpoint, Explanation, LabelSource } from "../../../lib/explain/explanation.ts";
import { formatColumns, wrap, type Column } from "./columns.ts";
import { formatFindings } from "./format-findings.ts";
import type { Stream } from "./terminal.ts";

const hooks = ["untracked", "preDNAT", "forward", "normal"] as const;
const sources: Readonly<Record<LabelSource, string>> = {
  node: "copied from the Node",
  template: "set by the settings",
  owner: "marks it as ours",
  endpoint: "only on the endpoint",
};

export function formatExplanation(explanation: Explanation, stream: Stream): string {
  const { bold } = stream.colors;
  return [
    `${bold(`Node/${explanation.node}`)}`,
    formatColumns(
      explanation.templates,
      [
        { title: "TEMPLATE", value: (it) => it.name },
        { title: "SELECTS", value: (it) => it.nodes },
        { title: "THIS NODE", value: (it) => (it.selected ? "yes" : "no") },
        { title: "HOSTENDPOINT", value: (it) => (it.selected ? it.hostEndpoint : "-") },
      ],
      stream.width,
    ),
    ...(explanation.hostEndpoints.length === 0
      ? ["It has no HostEndpoint: Calico polices none of its own traffic."]
      : []),
    ...explanation.hostEndpoints.map((it) => formatEndpoint(it, stream)),
    ...formatFlows(explanation, stream),
    ...(explanation.findings.length === 0
      ? []
      : [`Findings:\n${formatFindings(explanation.findings, stream)}`]),
  ].join("\n\n");
}

function formatEndpoint(endpoint: ExplainedEndpoint, stream: Stream): string {
  const { bold, green, yellow } = stream.colors;
  const mark = endpoint.effective ? green("in force") : yellow("inert");
  const labels = Object.entries(endpoint.labels).map(([key, value]) => ({
    label: `${key}=${value}`,
    source: sources[endpoint.labelSources[key] ?? "endpoint"],
  }));
  return [
    `${bold(`HostEndpoint/${endpoint.name}`)} ${mark} (${endpoint.owner}, ${endpoint.state})`,
    wrap(endpoint.because, "  ", stream),
    `  interface "${endpoint.interfaceName}", addresses ${endpoint.expectedIPs.join(", ") || "none"}, profiles ${endpoint.profiles.join(", ") || "none"}`,
    ...(labels.length === 0
      ? ["  no labels"]
      : [indent(formatColumns(labels, labelColumns, stream.width - 2))]),
    ...formatPolicies(endpoint),
  ].join("\n");
}

const labelColumns: readonly Column<{ readonly label: string; readonly source: string }>[] = [
  { title: "LABEL", value: (it) => it.label },
  { title: "FROM", value: (it) => it.source },
];

function formatPolicies({ policies, state }: ExplainedEndpoint): readonly string[] {
  if (state === "missing") return [];
  const lines = hooks.flatMap((hook) =>
    policies[hook].map(
      (it, index) => `    ${hook} ${index + 1}. ${it.tier}/${it.policy} (${it.directions.join(", ")})`,
    ),
  );
  return lines.length === 0
    ? ["  no policy selects it: its profiles decide"]
    : ["  policies, in the order in which they are asked:", ...lines];
}

function formatFlows({ flows }: Explanation, stream: Stream): readonly string[] {
  if (flows.length === 0) return [];
  return [
    formatColumns(
      flows,
      [
        { title: "FLOW", value: (it) => it.id },
        { title: "VERDICT", value: (it) => it.verdict },
        { title: "REASON", value: (it) => it.reason },
        {
          title: "DECIDED BY",
          value: (it) =>
            [it.decidedBy.hook, it.decidedBy.tier, it.decidedBy.policy ?? it.decidedBy.profile]
              .filter(Boolean)
              .join(" "),
        },
      ],
      stream.width,
    ),
  ];
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
