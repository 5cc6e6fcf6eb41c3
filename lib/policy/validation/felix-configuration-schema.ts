import type { Schema } from "./check-schema.ts";

/**
 * The schema of FelixConfiguration, fields of one shape together.
 * Source: the CRDs of Calico/projectcalico.org_v3/projectcalico.org_felixconfigurations.yaml.
 */
const FIELDS_BY_SHAPE: readonly (readonly [Schema, string])[] = [
  [
    { type: "integer" },
    "bpfExportBufferSizeMB bpfExtToServiceConnmark bpfKubeProxyHealthzPort bpfMaglevMaxEndpointsPerService bpfMaglevMaxServices bpfMapSizeConntrack bpfMapSizeIPSets bpfMapSizeIfState bpfMapSizeNATAffinity bpfMapSizeNATBackend bpfMapSizeNATFrontend bpfMapSizePerCpuConntrack bpfMapSizeRoute debugPort deviceRouteProtocol goGCThreshold goMaxProcs goMemoryLimitMB healthPort ipipMTU ipv4ElevatedRoutePriority ipv4NormalRoutePriority ipv6ElevatedRoutePriority ipv6NormalRoutePriority maxIpsetSize metadataPort prometheusMetricsPort vxlanMTU vxlanMTUV6 vxlanPort vxlanVNI wireguardListeningPort wireguardListeningPortV6 wireguardMTU wireguardMTUV6 wireguardRoutingRulePriority",
  ],
  [
    { type: "boolean" },
    "allowIPIPPacketsFromWorkloads allowVXLANPacketsFromWorkloads bpfConnectTimeLoadBalancingEnabled bpfDisableUnprivileged bpfEnabled bpfHostConntrackBypass bpfIPFragmentReassemblyEnabled bpfKubeProxyIptablesCleanupEnabled bpfPolicyDebugEnabled debugDisableLogDropping disableConntrackInvalidCheck endpointReportingEnabled flowLogsCollectorDebugTrace genericXDPEnabled healthEnabled ipipEnabled ipv6Support prometheusGoMetricsEnabled prometheusMetricsEnabled prometheusProcessMetricsEnabled prometheusWireGuardMetricsEnabled removeExternalRoutes requireMTUFile routeSyncDisabled sidecarAccelerationEnabled usageReportingEnabled useInternalDataplaneDriver vxlanEnabled wireguardEnabled wireguardEnabledV6 wireguardHostEncryptionEnabled wireguardThreadingEnabled xdpEnabled",
  ],
  [
    { type: "string" },
    "bpfCTLBLogFilter bpfDataIfacePattern bpfDisableGROForIfaces bpfL3IfacePattern cgroupV2Path dataplaneDriver dataplaneWatchdogTimeout debugHost debugMemoryProfilePath endpointStatusPathPrefix flowLogsGoldmaneServer healthHost interfaceExclude interfacePrefix iptablesNATOutgoingInterfaceFilter localSubnetL2ReachabilityRefreshInterval logDebugFilenameRegex logFilePath metadataAddr mtuIfacePattern nftablesFlowTableDataIfacePattern nftablesRefreshInterval openstackRegion policySyncPathPrefix prometheusMetricsCAFile prometheusMetricsCertFile prometheusMetricsHost prometheusMetricsKeyFile wireguardInterfaceName wireguardInterfaceNameV6",
  ],
  [
    { type: "string", pattern: /^([0-9]+(\\.[0-9]+)?(ms|s|m|h))*$/ },
    "bpfIPFragTimeout bpfKubeProxyMinSyncPeriod debugSimulateCalcGraphHangAfter debugSimulateDataplaneApplyDelay debugSimulateDataplaneHangAfter endpointReportingDelay flowLogsFlushInterval interfaceRefreshInterval ipsetsRefreshInterval iptablesLockProbeInterval iptablesPostWriteCheckInterval iptablesRefreshInterval netlinkTimeout reportingInterval reportingTTL routeRefreshInterval usageReportingInitialDelay usageReportingInterval wireguardKeepAlive xdpRefreshInterval",
  ],
  [
    { type: "string", enum: ["Enabled", "Disabled"] },
    "bpfHostNetworkedNATWithoutCTLB bpfProfiling bpfRedirectToPeer floatingIPs ipForwarding istioAmbientMode windowsManageFirewallRules",
  ],
  [
    { type: "array", items: { type: "string" } },
    "bpfDSROptoutCIDRs bpfExcludeCIDRsFromNAT bpfForceTrackPacketsFromIfaces externalNodesList",
  ],
  [
    { type: "string", pattern: /^(Accept|Return)?$/i },
    "iptablesFilterAllowAction iptablesMangleAllowAction nftablesFilterAllowAction nftablesMangleAllowAction",
  ],
  [{ type: "intOrString" }, "bpfPSNATPorts istioDSCPMark natPortRange"],
  [
    { type: "string", maxLength: 45 },
    "deviceRouteSourceAddress deviceRouteSourceAddressIPv6 natOutgoingAddress",
  ],
  [
    { type: "string", pattern: /^(Trace|Debug|Info|Warning|Error|Fatal)?$/i },
    "logSeverityFile logSeverityScreen logSeveritySys",
  ],
  [
    {
      type: "array",
      items: {
        type: "object",
        required: ["port"],
        properties: { net: { type: "string" }, port: { type: "integer" }, protocol: { type: "string" } },
      },
    },
    "failsafeInboundHostPorts failsafeOutboundHostPorts",
  ],
  [{ type: "string", pattern: /^(Drop|Reject)?$/i }, "iptablesFilterDenyAction nftablesFilterDenyAction"],
  [{ type: "integer", minimum: 0, maximum: 4294967295 }, "iptablesMarkMask nftablesMarkMask"],
  [{ type: "string", enum: ["DoNothing", "Enable", "Disable"] }, "awsSrcDstCheck"],
  [{ type: "string", enum: ["TC", "TCX", "Netkit"] }, "bpfAttachType"],
  [{ type: "string", enum: ["TCP", "Enabled", "Disabled"] }, "bpfConnectTimeLoadBalancing"],
  [{ type: "string", enum: ["Off", "Debug"] }, "bpfConntrackLogLevel"],
  [{ type: "string", enum: ["Auto", "Userspace", "BPFProgram"] }, "bpfConntrackMode"],
  [
    {
      type: "object",
      properties: {
        creationGracePeriod: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        genericTimeout: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        icmpTimeout: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        tcpEstablished: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        tcpFinsSeen: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        tcpResetSeen: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        tcpSynSent: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
        udpTimeout: { type: "string", pattern: /^(([0-9]*(\.[0-9]*)?(ms|s|h|m|us)+)+|Auto)$/ },
      },
    },
    "bpfConntrackTimeouts",
  ],
  [{ type: "string", pattern: /^(Disabled|Strict|Loose)?$/i }, "bpfEnforceRPF"],
  [{ type: "string", pattern: /^(Tunnel|DSR)?$/i }, "bpfExternalServiceMode"],
  [{ type: "string", enum: ["Auto", "Strict"] }, "bpfJITHardening"],
  [{ type: "map", values: { type: "string" } }, "bpfLogFilters"],
  [{ type: "string", pattern: /^(Off|Info|Debug)?$/i }, "bpfLogLevel"],
  [{ type: "integer", minimum: 1 }, "bpfMapSizeConntrackCleanupQueue"],
  [{ type: "string", pattern: /^(Disabled|DoubleIfFull)?$/i }, "bpfMapSizeConntrackScaling"],
  [{ type: "string", enum: ["TunnelAddress", "HostAddress"] }, "bpfOverlayHostSourceIP"],
  [{ type: "string", pattern: /^(Insert|Append)?$/i }, "chainInsertMode"],
  [{ type: "string", pattern: /^(Drop|Accept|Return)?$/i }, "defaultEndpointToHostAction"],
  [
    { type: "string", pattern: /^([a-zA-Z0-9-_]+=(true|false|),)*([a-zA-Z0-9-_]+=(true|false|))?$/ },
    "featureDetectOverride",
  ],
  [{ type: "string", pattern: /^([a-zA-Z0-9-_]+=([^=]+),)*([a-zA-Z0-9-_]+=([^=]+))?$/ }, "featureGates"],
  [{ type: "string", enum: ["Disabled", "Enabled"] }, "flowLogsLocalReporter"],
  [{ type: "string", enum: ["None", "Continuous"] }, "flowLogsPolicyEvaluationMode"],
  [
    {
      type: "array",
      items: {
        type: "object",
        required: ["name", "timeout"],
        properties: { name: { type: "string" }, timeout: { type: "string" } },
      },
    },
    "healthTimeoutOverrides",
  ],
  [{ type: "string", enum: ["Legacy", "NFT", "Auto"] }, "iptablesBackend"],
  [{ type: "array", maxItems: 7, items: { type: "intOrString" } }, "kubeNodePortRanges"],
  [{ type: "string", pattern: /^([0-9]+(\.[0-9]+)?(ms|s|m|h))*$/ }, "liveMigrationRouteConvergenceTime"],
  [{ type: "string", enum: ["Disabled", "PodsAndLoadBalancers"] }, "localSubnetL2Reachability"],
  [{ type: "string", pattern: /^[1-9]\d{0,3}\/(?:second|minute|hour|day)$/ }, "logActionRateLimit"],
  [{ type: "integer", minimum: 0, maximum: 9999 }, "logActionRateLimitBurst"],
  [{ type: "string", pattern: /^([a-zA-Z0-9%: /_-])*$/ }, "logPrefix"],
  [{ type: "string", enum: ["IPPoolsOnly", "IPPoolsAndHostIPs"] }, "natOutgoingExclusions"],
  [{ type: "string", enum: ["All", "Disabled"] }, "nftablesFlowTableOffload"],
  [{ type: "string", enum: ["Disabled", "Enabled", "Auto"] }, "nftablesMode"],
  [{ type: "string", maxLength: 1024 }, "nodeSelector"],
  [
    { type: "string", enum: ["Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly"] },
    "programClusterRoutes",
  ],
  [
    {
      type: "string",
      enum: ["RequireAndVerifyClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven", "NoClientCert"],
    },
    "prometheusMetricsClientAuth",
  ],
  [{ type: "string", pattern: /^(WorkloadIPs|CalicoIPAM)?$/i }, "routeSource"],
  [
    {
      type: "object",
      required: ["max", "min"],
      properties: { max: { type: "integer" }, min: { type: "integer" } },
    },
    "routeTableRange",
  ],
  [
    {
      type: "array",
      items: {
        type: "object",
        required: ["max", "min"],
        properties: { max: { type: "integer" }, min: { type: "integer" } },
      },
    },
    "routeTableRanges",
  ],
  [{ type: "string", pattern: /^(Drop|Reject|Disabled)?$/i }, "serviceLoopPrevention"],
  [{ type: "string", pattern: /^(Disabled|Any)?$/i }, "workloadSourceSpoofing"],
];

export const FELIX_CONFIGURATION: Schema = {
  type: "object",
  properties: Object.fromEntries(
    FIELDS_BY_SHAPE.flatMap(([schema, names]) => names.split(" ").map((name) => [name, schema] as const)),
  ),
};
