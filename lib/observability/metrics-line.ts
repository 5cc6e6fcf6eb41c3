/**
 * Metrics as CloudWatch's embedded metric format: a log line that CloudWatch turns into metrics; no API call.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import {
  METRIC_DIMENSION,
  METRIC_DIMENSION_SETS,
  METRIC_ID_DIMENSION,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from "../names/names.ts";

/** A value, or several of one run (percentiles come from them). Metrics that are not said are not measured. */
export type MetricValues = Readonly<Partial<Record<MetricName, number | readonly number[]>>>;

/** The format's limit on values of one metric in one line. */
const VALUES_PER_LINE = 100;

export type MeasuredInstallation = { readonly cluster: string; readonly id: string };

/** Lines, each with its line feed; more than one when a metric has more values than fit into one. `at`: milliseconds since the epoch. */
export function metricsLines(
  installation: MeasuredInstallation,
  values: MetricValues,
  at: number,
): readonly string[] {
  const lines = Math.max(
    1,
    ...Object.values(values).map((it) => Math.ceil(valuesOf(it).length / VALUES_PER_LINE)),
  );
  return Array.from({ length: lines }, (_, index) => lineOf(installation, slice(values, index), at)).filter(
    (it) => it !== "",
  );
}

function slice(values: MetricValues, index: number): readonly (readonly [MetricName, readonly number[]])[] {
  return METRICS.flatMap((name) => {
    const some = valuesOf(values[name]).slice(index * VALUES_PER_LINE, (index + 1) * VALUES_PER_LINE);
    return some.length === 0 ? [] : [[name, some] as const];
  });
}

function lineOf(
  { cluster, id }: MeasuredInstallation,
  values: readonly (readonly [MetricName, readonly number[]])[],
  at: number,
): string {
  if (values.length === 0) return "";
  const record = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: METRIC_DIMENSION_SETS,
          Metrics: values.map(([name]) => ({ Name: name, Unit: unitOf(name) })),
        },
      ],
    },
    [METRIC_DIMENSION]: cluster,
    [METRIC_ID_DIMENSION]: id,
    ...Object.fromEntries(values.map(([name, some]) => [name, some.length === 1 ? some[0] : some])),
  };
  return `${JSON.stringify(record)}\n`;
}

function valuesOf(value: number | readonly number[] | undefined): readonly number[] {
  if (value === undefined) return [];
  return typeof value === "number" ? [value] : value;
}

function unitOf(name: MetricName): "Count" | "Milliseconds" | "Seconds" | "Megabytes" {
  switch (name) {
    case "RunMilliseconds":
      return "Milliseconds";
    case "TimeToProtectSeconds":
      return "Seconds";
    case "MemoryMegabytes":
      return "Megabytes";
    default:
      return "Count";
  }
}
