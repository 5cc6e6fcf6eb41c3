import {
  between,
  flag,
  listOf,
  object,
  oneOf,
  setOf,
  text,
  textMap,
  textUpTo,
  withDefault,
} from "./schema-parts.ts";

const onOff = oneOf("Enabled", "Disabled");
const periodic = object({ reconcilerPeriod: text });

const hostEndpointTemplate = object({
  generateName: textUpTo(253),
  nodeSelector: text,
  interfaceCIDRs: setOf(text),
  interfacePattern: text,
  labels: textMap,
  annotations: textMap,
});

const controllers = object({
  loadBalancer: object({
    assignIPs: withDefault(oneOf("AllServices", "RequestedServicesOnly"), "AllServices"),
  }),
  migration: object({ policyNameMigrator: withDefault(oneOf("Disabled", "Enabled"), "Enabled") }),
  namespace: periodic,
  node: object({
    reconcilerPeriod: text,
    leakGracePeriod: text,
    syncLabels: onOff,
    hostEndpoint: object({
      autoCreate: onOff,
      createDefaultHostEndpoint: text,
      templates: listOf(hostEndpointTemplate),
    }),
  }),
  policy: periodic,
  serviceAccount: periodic,
  workloadEndpoint: periodic,
});

export const kubeControllersConfigurationSpec = object(
  {
    controllers,
    healthChecks: withDefault(onOff, "Enabled"),
    logSeverityScreen: oneOf("None", "Debug", "Info", "Warning", "Error", "Fatal", "Panic"),
    etcdV3CompactionPeriod: text,
    prometheusMetricsPort: between(0, 65_535),
    debugProfilePort: { ...between(0, 65_535), format: "int32" },
  },
  { required: ["controllers"] },
);

/** What kube-controllers reports: the settings that it runs with, after its environment variables had their say. */
export const kubeControllersConfigurationStatus = object({
  environmentVars: textMap,
  runningConfig: kubeControllersConfigurationSpec,
});

export const clusterInformationSpec = object({
  calicoVersion: text,
  clusterGUID: text,
  clusterType: text,
  datastoreReady: flag,
  variant: text,
});
