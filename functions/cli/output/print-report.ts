import type { Report } from "../../../lib/model/report.ts";
import type { ReachedCluster } from "../../shared/compose-cli.ts";
import type { OutputFormat } from "../arguments/command.ts";
import { formatReport, type Detail } from "./format-report.ts";
import { nameOfCluster } from "./name-of-cluster.ts";
import { printResult } from "./print-result.ts";
import type { Stream } from "./terminal.ts";

/** A run's report, and which cluster it is about. */
export function printReport(
  report: Report,
  cluster: ReachedCluster,
  format: OutputFormat,
  out: Stream,
  detail?: Detail,
): Promise<void> {
  return printResult({ cluster, ...report }, format, out, (it, stream) =>
    formatReportOf(it, it.cluster, stream, detail),
  );
}

/** As a person reads it. */
export function formatReportOf(
  report: Report,
  cluster: ReachedCluster,
  stream: Stream,
  detail?: Detail,
): string {
  return `${stream.colors.bold(`On ${nameOfCluster(cluster)}:`)}\n\n${formatReport(report, stream, detail)}`;
}
