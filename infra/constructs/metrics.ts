import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { MetricProps } from "aws-cdk-lib/aws-cloudwatch";
import { METRIC_DIMENSION, METRIC_ID_DIMENSION, METRIC_NAMESPACE } from "../../lib/names/names.ts";
import type { MetricName } from "../../lib/names/names.ts";
import type { ClusterSettings } from "../settings.ts";

/** One of the metrics that the reconciler writes with its log lines (CloudWatch EMF, so there is no API call to pay or permit). */
export function reconcilerMetric(
  settings: ClusterSettings,
  name: MetricName,
  options: Partial<MetricProps> = {},
): Metric {
  return new Metric({
    period: Duration.minutes(5),
    statistic: "Maximum",
    ...options,
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { [METRIC_DIMENSION]: settings.cluster.name, [METRIC_ID_DIMENSION]: settings.id },
  });
}
