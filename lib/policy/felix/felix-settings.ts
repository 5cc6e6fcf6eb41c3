import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { parseNetwork, type Network } from "../../address/parse-address.ts";
import {
  isSelectorError,
  parseSelector,
  type Labels,
  type Selector,
  type SelectorError,
} from "../selector/parse-selector.ts";
import { NEWEST_RULES, type VersionRules } from "../version/version-rules.ts";
import { ascending } from "../../model/ascending.ts";
import { configurationOverrides } from "./configuration-overrides.ts";
import {
  DEFAULT_FAILSAFES,
  failsafeNetwork,
  parseApiFailsafes,
  parseFailsafeString,
  type Failsafe,
  type FailsafeDirection,
  type ParsedFailsafes,
} from "./parse-failsafes.ts";

export type Dataplane = "iptables" | "nftables" | "bpf";
/** What Felix programs where nobody told it: `either` is one of the two, which depends on kube-proxy. */
export type AutomaticDataplane = "iptables" | "nftables" | "either";

/** How a version of Calico reads a configuration. */
export type FelixReading = {
  readonly rules: Pick<VersionRules, "nftables" | "bpfBond" | "bpfLoopback">;
  readonly automatic: AutomaticDataplane;
};
const NEWEST: FelixReading = { rules: NEWEST_RULES, automatic: "iptables" };

/** The settings of one node's Felix that decide verdicts. Source: docs/calico.md 13. */
export type FelixSettings = {
  readonly dataplane: Dataplane | "either";
  readonly failsafes: Readonly<Record<FailsafeDirection, readonly ReadyFailsafe[]>>;
  /** What happens to pod traffic to its own host that pod policy let through. The code's default is drop. */
  readonly endpointToHost: "drop" | "accept" | "return";
  readonly workloadPrefixes: readonly string[];
  readonly excludesInterface: (name: string) => boolean;
  readonly dropsInvalid: boolean;
  readonly ipip: boolean;
  readonly vxlanPort: number | undefined;
  readonly wireguardPorts: { readonly four: number | undefined; readonly six: number | undefined };
  readonly externalNodes: readonly Network[];
  /** eBPF treats this port as WireGuard's whether or not Calico's own WireGuard is on. */
  readonly bpfWireguardPort: number;
  readonly isBpfDataInterface: (name: string) => boolean;
  /** What eBPF programs on `lo` look at, because hosts reach services through them. */
  readonly bpfLoopback: "nothing" | "udp" | "everything";
  /** Why Felix cannot run with this configuration, or nobody knows it: what it does to packets is then not known. */
  readonly broken: string | undefined;
};
export type ReadyFailsafe = {
  readonly protocol: number;
  readonly port: number;
  readonly network: Network | undefined;
  readonly text: string;
};

/** Settings from one place: a FelixConfiguration object and the nodes it is meant for, or the environment of calico-node. */
export type FelixSource = {
  /** `Kind/name` */
  readonly object: string;
  readonly name: string;
  readonly spec: { readonly [key: string]: JsonValue | undefined };
  readonly nodeSelector: Selector | undefined;
  /** Why nobody can tell whether it is for a node: it then counts as one that is, and what Felix does there is not known. */
  readonly undecidable?: string;
  readonly createdAt: string;
  /** Why nobody can tell from here what it says: what Felix does to packets is then not known. */
  readonly unknown?: string;
};

/**
 * Reads a FelixConfiguration; `undefined` when its scope cannot be read, or nobody could decode it. Annotations of the object
 * can override its fields (configuration-overrides.ts).
 */
export function readFelixSource(object: KubernetesObject): FelixSource | undefined {
  const spec = object.spec ?? {};
  const text = spec["nodeSelector"];
  const selector = typeof text === "string" ? parseSelector(text) : undefined;
  const scope = selector !== undefined && isSelectorError(selector) ? undecidableScope(selector) : selector;
  if (scope !== undefined && isSelectorError(scope)) return undefined;
  for (const direction of ["inbound", "outbound"] as const) {
    if (parseApiFailsafes(spec[FAILSAFE_FIELDS[direction]]).kind === "decode-error") return undefined;
  }
  return {
    object: `FelixConfiguration/${object.metadata.name}`,
    name: object.metadata.name,
    spec: { ...spec, ...configurationOverrides(object) },
    nodeSelector: scope,
    ...(selector !== undefined && isSelectorError(selector)
      ? { undecidable: `nodeSelector: ${selector.message}` }
      : {}),
    createdAt: object.metadata.creationTimestamp ?? "",
  };
}

/** A text that is too long to look at may select any node. */
function undecidableScope(error: SelectorError): Selector | SelectorError {
  return error.undecidable === true ? parseSelector("all()") : error;
}

export const FAILSAFE_FIELDS = {
  inbound: "failsafeInboundHostPorts",
  outbound: "failsafeOutboundHostPorts",
} as const;

/**
 * The sources that hold for a node, strongest first: `node.<name>`, then the oldest selector-scoped one that matches
 * (then by name), then `default`. The environment is stronger still (felix-environment.ts), and so is a file on the node,
 * which nobody can see from outside.
 * Source: docs/calico.md 11 ("Config resolution").
 */
export function felixSourcesFor(
  sources: readonly FelixSource[],
  node: { readonly name: string; readonly labels: Labels },
): readonly FelixSource[] {
  const scoped = sources
    .filter((source) => isScoped(source) && source.nodeSelector?.matches(node.labels) === true)
    .sort(
      ascending(
        (it) => it.createdAt,
        (it) => it.name,
      ),
    );
  return [
    ...sources.filter((source) => source.name === `node.${node.name}`),
    ...scoped.slice(0, 1),
    ...sources.filter((source) => source.name === "default"),
  ];
}

/** Meant for the nodes that its selector selects; the name decides for the others. */
function isScoped({ name }: FelixSource): boolean {
  return name !== "default" && !name.startsWith("node.");
}

/**
 * Resolves each field from the first source that sets it; lists are replaced, never merged. A field that is absent or empty
 * in one source is left to the next, and to Felix's default when none sets it.
 * Source: docs/calico.md 11 and 13; docs/calico-versions.md 0, 1 and 4 for what depends on the version.
 */
export function resolveFelixSettings(
  sources: readonly FelixSource[],
  { rules, automatic }: FelixReading = NEWEST,
): FelixSettings {
  const field = (key: string): JsonValue | undefined =>
    sources
      .map((source) => source.spec[key])
      .find((value) => value !== undefined && value !== null && value !== "");
  const text = (key: string, otherwise: string): string => {
    const value = field(key);
    return typeof value === "string" ? value : otherwise;
  };
  const port = (key: string, otherwise: number): number => {
    const value = field(key);
    return typeof value === "number" ? value : otherwise;
  };
  const nodes = field("externalNodesList");
  return {
    dataplane:
      field("bpfEnabled") === true
        ? "bpf"
        : renderingOf(text("nftablesMode", "").toLowerCase(), rules.nftables, automatic),
    failsafes: {
      inbound: failsafes(field(FAILSAFE_FIELDS.inbound), "inbound"),
      outbound: failsafes(field(FAILSAFE_FIELDS.outbound), "outbound"),
    },
    endpointToHost: hostAction(text("defaultEndpointToHostAction", "drop")),
    workloadPrefixes: text("interfacePrefix", "cali")
      .split(",")
      .filter((prefix) => prefix !== ""),
    excludesInterface: interfaceMatcher(text("interfaceExclude", "kube-ipvs0")),
    dropsInvalid: field("disableConntrackInvalidCheck") !== true,
    ipip: field("ipipEnabled") === true,
    vxlanPort: field("vxlanEnabled") === true ? port("vxlanPort", 4789) : undefined,
    wireguardPorts: {
      four: field("wireguardEnabled") === true ? port("wireguardListeningPort", 51_820) : undefined,
      six: field("wireguardEnabledV6") === true ? port("wireguardListeningPortV6", 51_821) : undefined,
    },
    externalNodes: Array.isArray(nodes)
      ? nodes.flatMap((net) => (typeof net === "string" ? (parseNetwork(net) ?? []) : []))
      : [],
    bpfWireguardPort: port("wireguardListeningPort", 51_820),
    isBpfDataInterface: bpfInterfaceMatcher(expression(text("bpfDataIfacePattern", "")), rules),
    bpfLoopback: loopbackOf(
      text("bpfConnectTimeLoadBalancing", "TCP"),
      text("bpfHostNetworkedNATWithoutCTLB", "Enabled"),
      rules,
    ),
    broken: brokenReason(sources),
  };
}

/** Source: docs/calico-versions.md 0 and 1 ("nft or iptables"). */
function renderingOf(
  mode: string,
  nftables: VersionRules["nftables"],
  automatic: AutomaticDataplane,
): FelixSettings["dataplane"] {
  if (nftables === "none" || mode === "disabled") return "iptables";
  if (mode === "enabled") return "nftables";
  return nftables === "auto" ? automatic : "iptables";
}

/** Source: docs/calico.md 14; docs/calico-versions.md 4. */
const BPF_INTERFACES = /^((en|wl|ww|sl|ib)[Popsx].*|(eth|wlan|wwan).*)/;

function bpfInterfaceMatcher(
  pattern: RegExp | undefined,
  { bpfBond }: FelixReading["rules"],
): (name: string) => boolean {
  if (pattern !== undefined) return (name) => pattern.test(name);
  return (name) => BPF_INTERFACES.test(name) || (bpfBond === "data-interface" && name.startsWith("bond"));
}

/** With the default, TCP is balanced when it connects, and only UDP passes the programs on `lo`. Source: docs/calico-versions.md 4. */
function loopbackOf(
  connectTime: string,
  withoutConnectTime: string,
  { bpfLoopback }: FelixReading["rules"],
): FelixSettings["bpfLoopback"] {
  if (bpfLoopback === "no-data-interface" || connectTime === "Enabled") return "nothing";
  if (connectTime === "TCP") return "udp";
  return withoutConnectTime === "Enabled" ? "everything" : "nothing";
}

/** A bad value is fatal even in a source that a stronger one overrides (docs/calico.md 0 item 4). */
function brokenReason(sources: readonly FelixSource[]): string | undefined {
  for (const source of sources) {
    if (source.undecidable !== undefined && isScoped(source))
      return `whether ${source.object} is for the node is undecidable, ${source.undecidable}`;
    if (source.unknown !== undefined) return source.unknown;
    for (const field of Object.values(FAILSAFE_FIELDS)) {
      const parsed = parseFailsafes(source.spec[field]);
      if (parsed.kind === "error" || parsed.kind === "panic") {
        return `Felix cannot run with ${source.object}, ${field}: ${parsed.message}`;
      }
    }
  }
  return undefined;
}

function failsafes(value: JsonValue | undefined, direction: FailsafeDirection): readonly ReadyFailsafe[] {
  return failsafeList(parseFailsafes(value), direction).map((failsafe) => ({
    protocol: failsafe.protocol === "tcp" ? 6 : 17,
    port: failsafe.port,
    network: failsafeNetwork(failsafe),
    text: `${failsafe.protocol}:${failsafe.net === "" ? "" : `${failsafe.net}:`}${failsafe.port}`,
  }));
}

/** Objects hold lists, the environment holds Felix's string form; a port alone reads as a number. */
export function parseFailsafes(value: JsonValue | undefined): ParsedFailsafes {
  return typeof value === "string" || typeof value === "number"
    ? parseFailsafeString(String(value))
    : parseApiFailsafes(value);
}

function failsafeList(parsed: ParsedFailsafes, direction: FailsafeDirection): readonly Failsafe[] {
  return parsed.kind === "list" ? parsed.failsafes : DEFAULT_FAILSAFES[direction];
}

function hostAction(text: string): FelixSettings["endpointToHost"] {
  const action = text.toLowerCase();
  return action === "accept" || action === "return" ? action : "drop";
}

/** `InterfaceExclude`: names, and regular expressions between slashes. */
function interfaceMatcher(text: string): (name: string) => boolean {
  const names = new Set<string>();
  const patterns: RegExp[] = [];
  for (const entry of text.split(",").map((part) => part.trim())) {
    const pattern = /^\/(.*)\/$/.exec(entry)?.[1];
    const compiled = pattern === undefined ? undefined : expression(pattern);
    if (compiled !== undefined) patterns.push(compiled);
    else names.add(entry);
  }
  return (name) => names.has(name) || patterns.some((pattern) => pattern.test(name));
}

function expression(text: string): RegExp | undefined {
  if (text === "") return undefined;
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}
