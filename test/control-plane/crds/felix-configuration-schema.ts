import type { ValidationRule } from "./custom-resource-definition.ts";
import {
  each,
  flag,
  numberOrText,
  object,
  oneOf,
  plainListOf,
  rule,
  text,
  textLike,
  textUpTo,
  wholeNumber,
  withDefault,
} from "./schema-parts.ts";

const duration = textLike("^([0-9]+(\\\\.[0-9]+)?(ms|s|m|h))*$");
const severity = textLike("^(?i)(Trace|Debug|Info|Warning|Error|Fatal)?$");
const onOff = oneOf("Enabled", "Disabled");
const acceptOrReturn = textLike("^(?i)(Accept|Return)?$");
const dropOrReject = textLike("^(?i)(Drop|Reject)?$");
const markMask = { type: "integer", format: "int64", minimum: 0, maximum: 4_294_967_295 } as const;
const failsafePorts = plainListOf(
  object({ net: text, port: wholeNumber, protocol: text }, { required: ["port"] }),
);

/**
 * The settings of Felix that decide what happens to packets on a host's interfaces, and those that people often set besides.
 * The many others are kept as they come, unchecked.
 */
export const felixConfigurationSpec = object(
  {
    nodeSelector: textUpTo(1024),
    failsafeInboundHostPorts: failsafePorts,
    failsafeOutboundHostPorts: failsafePorts,
    defaultEndpointToHostAction: textLike("^(?i)(Drop|Accept|Return)?$"),
    chainInsertMode: textLike("^(?i)(Insert|Append)?$"),
    ...each(["interfacePrefix", "interfaceExclude", "mtuIfacePattern", "logFilePath"], text),
    ...each(["iptablesFilterAllowAction", "iptablesMangleAllowAction"], acceptOrReturn),
    ...each(["nftablesFilterAllowAction", "nftablesMangleAllowAction"], acceptOrReturn),
    ...each(["iptablesFilterDenyAction", "nftablesFilterDenyAction"], dropOrReject),
    ...each(["iptablesMarkMask", "nftablesMarkMask"], markMask),
    iptablesBackend: { ...textLike("^(?i)(Auto|Legacy|NFT)?$"), enum: ["Legacy", "NFT", "Auto"] },
    iptablesNATOutgoingInterfaceFilter: text,
    nftablesMode: withDefault(oneOf("Disabled", "Enabled", "Auto"), "Auto"),
    nftablesFlowTableOffload: withDefault(oneOf("All", "Disabled"), "Disabled"),
    ...each(["disableConntrackInvalidCheck", "removeExternalRoutes", "ipv6Support"], flag),
    ...each(["ipipEnabled", "vxlanEnabled", "xdpEnabled", "genericXDPEnabled"], flag),
    ...each(["vxlanPort", "vxlanVNI", "ipipMTU", "vxlanMTU", "vxlanMTUV6"], wholeNumber),
    ...each(["wireguardEnabled", "wireguardEnabledV6", "wireguardHostEncryptionEnabled"], flag),
    ...each(["wireguardListeningPort", "wireguardListeningPortV6"], wholeNumber),
    ...each(["allowIPIPPacketsFromWorkloads", "allowVXLANPacketsFromWorkloads"], flag),
    externalNodesList: plainListOf(text),
    ipForwarding: onOff,
    workloadSourceSpoofing: textLike("^(?i)(Disabled|Any)?$"),
    serviceLoopPrevention: textLike("^(?i)(Drop|Reject|Disabled)?$"),
    kubeNodePortRanges: plainListOf(numberOrText, { maxItems: 7 }),
    natOutgoingAddress: textUpTo(45),
    natOutgoingExclusions: oneOf("IPPoolsOnly", "IPPoolsAndHostIPs"),
    natPortRange: numberOrText,
    ...each(["deviceRouteSourceAddress", "deviceRouteSourceAddressIPv6"], textUpTo(45)),
    awsSrcDstCheck: oneOf("DoNothing", "Enable", "Disable"),
    ...each(
      ["bpfEnabled", "bpfDisableUnprivileged", "bpfHostConntrackBypass", "bpfPolicyDebugEnabled"],
      flag,
    ),
    ...each(["bpfConnectTimeLoadBalancingEnabled", "bpfKubeProxyIptablesCleanupEnabled"], flag),
    ...each(["bpfDataIfacePattern", "bpfL3IfacePattern", "bpfDisableGROForIfaces"], text),
    bpfAttachType: oneOf("TC", "TCX", "Netkit"),
    bpfConnectTimeLoadBalancing: oneOf("TCP", "Enabled", "Disabled"),
    bpfHostNetworkedNATWithoutCTLB: onOff,
    bpfEnforceRPF: textLike("^(?i)(Disabled|Strict|Loose)?$"),
    bpfExternalServiceMode: textLike("^(?i)(Tunnel|DSR)?$"),
    bpfLogLevel: textLike("^(?i)(Off|Info|Debug)?$"),
    ...each(
      ["bpfDSROptoutCIDRs", "bpfExcludeCIDRsFromNAT", "bpfForceTrackPacketsFromIfaces"],
      plainListOf(text),
    ),
    ...each(["bpfMapSizeConntrack", "bpfMapSizeIPSets", "bpfMapSizeRoute"], wholeNumber),
    bpfPSNATPorts: numberOrText,
    flowLogsCollectorDebugTrace: flag,
    flowLogsFlushInterval: duration,
    flowLogsGoldmaneServer: text,
    flowLogsLocalReporter: oneOf("Disabled", "Enabled"),
    flowLogsPolicyEvaluationMode: oneOf("None", "Continuous"),
    ...each(["logSeverityScreen", "logSeverityFile", "logSeveritySys"], severity),
    ...each(["iptablesRefreshInterval", "routeRefreshInterval", "reportingInterval"], duration),
    ...each(["healthEnabled", "prometheusMetricsEnabled", "usageReportingEnabled"], flag),
    ...each(["healthPort", "prometheusMetricsPort"], wholeNumber),
    healthHost: text,
    policySyncPathPrefix: text,
  },
  {
    "x-kubernetes-preserve-unknown-fields": true,
    "x-kubernetes-validations": [
      rule(
        "!has(self.natOutgoingAddress) || size(self.natOutgoingAddress) == 0 || " +
          "(isIP(self.natOutgoingAddress) && ip(self.natOutgoingAddress).family() == 4)",
        "natOutgoingAddress is an IPv4 address",
      ),
      rule(
        "!has(self.deviceRouteSourceAddress) || size(self.deviceRouteSourceAddress) == 0 || " +
          "(isIP(self.deviceRouteSourceAddress) && ip(self.deviceRouteSourceAddress).family() == 4)",
        "deviceRouteSourceAddress is an IPv4 address",
      ),
      rule(
        "!has(self.deviceRouteSourceAddressIPv6) || size(self.deviceRouteSourceAddressIPv6) == 0 || " +
          "(isIP(self.deviceRouteSourceAddressIPv6) && ip(self.deviceRouteSourceAddressIPv6).family() == 6)",
        "deviceRouteSourceAddressIPv6 is an IPv6 address",
      ),
    ],
  },
);

export const felixConfigurationRules: readonly ValidationRule[] = [
  rule(
    "self.metadata.name == 'default' || self.metadata.name.startsWith('node.') ? !has(self.spec.nodeSelector) : true",
    "default and node.NAME choose their nodes by name: they have no nodeSelector",
    "FieldValueForbidden",
  ),
];
