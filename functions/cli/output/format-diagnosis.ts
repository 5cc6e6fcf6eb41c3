/** A diagnosis for a person: the way in, what is there, and what to mend. */
import type { Diagnosis, HopResult } from "../../../lib/doctor/diagnosis.ts";
import { formatFindings } from "./format-findings.ts";
import { wrap } from "./columns.ts";
import type { Stream } from "./terminal.ts";

export function formatDiagnosis(diagnosis: Diagnosis, stream: Stream): string {
  const { bold, green } = stream.colors;
  const hops = diagnosis.hops.map((it) => formatHop(it, stream)).join("\n");
  const way = `${bold("Way in")}${diagnosis.server === "" ? "" : ` to ${diagnosis.server}`}\n${hops}`;
  if (diagnosis.status === "unreachable") {
    // The first is the hop that failed, which is said above.
    const others = diagnosis.findings.slice(1);
    return others.length === 0 ? way : `${way}\n\n${bold("Findings")}\n${formatFindings(others, stream)}`;
  }
  const findings =
    diagnosis.findings.length === 0
      ? green("No findings.")
      : `${bold("Findings")}\n${formatFindings(diagnosis.findings, stream)}`;
  return [way, `${bold("Cluster")}\n${formatCluster(diagnosis)}`, findings].join("\n\n");
}

function formatHop({ hop, outcome, detail }: HopResult, stream: Stream): string {
  const { green, red, yellow, dim } = stream.colors;
  const mark = {
    passed: green("ok    "),
    failed: red("FAILED"),
    "not-tested": yellow("?     "),
    "not-reached": dim("-     "),
  }[outcome];
  return `  ${mark} ${hop}${detail === "" ? "" : `\n${wrap(detail, "         ", stream)}`}`;
}

/** More of them would push what has to be mended off the screen; `-o json` has all. */
const MOST_AGENTS = 10;

function formatAgents(agents: Diagnosis["calico"]["agents"]): readonly string[] {
  if (agents.length === 0) return ["  Agents       no DaemonSet with a container calico-node found"];
  const lines = agents
    .slice(0, MOST_AGENTS)
    .map(
      (it) =>
        `${it.namespace}/${it.name}, calico-node ${it.image === "" ? "without an image" : it.image}, ${it.version === "" ? "unknown version" : it.version}, covers ${it.covers} nodes, ${it.ready} of ${it.desired} pods ready`,
    );
  const rest = agents.length - lines.length;
  return [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].map(
    (line, index) => `${index === 0 ? "  Agents       " : "               "}${line}`,
  );
}

function formatCluster({ kubernetes, calico, permissions, nodes }: Diagnosis): string {
  const or = (text: string, otherwise: string) => (text === "" ? otherwise : text);
  return [
    `  Kubernetes   ${or(kubernetes.version, "unknown version")}, as ${or(kubernetes.user, "unknown user")}${kubernetes.groups.length === 0 ? "" : ` (${kubernetes.groups.join(", ")})`}`,
    `  Calico       ${or(calico.version, "unknown version")}, ${or(calico.group, "group unknown")}`,
    ...formatAgents(calico.agents),
    `  Permissions  ${permissions.granted} of ${permissions.asked} granted`,
    `  Nodes        ${nodes.protected} of ${nodes.total} protected`,
  ].join("\n");
}
