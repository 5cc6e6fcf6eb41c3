/**
 * Endpoints that somebody made by hand -> an entry for each shape of them, and the names of those that fit none.
 *
 * In: the endpoints, the nodes. Out: entries that give exactly these nodes exactly these endpoints; `kept` for the rest. Pure.
 * Must never happen: a node that gets an endpoint which it has not, or an endpoint that loses a label, an address or its profiles.
 */
import { chooseAddresses } from "../desired/addresses.ts";
import { ascending } from "../model/ascending.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { JsonObject, StringMap } from "../model/kubernetes-object.ts";
import type { Node } from "../model/node.ts";
import { NO_ENDPOINT, type ImportedEndpoint, type ImportedSettings } from "./imported-settings.ts";

export type ManualSource = {
  /** Only those that were made by hand. */
  readonly endpoints: readonly HostEndpoint[];
  readonly nodes: readonly Node[];
};

/** What a name pattern and the settings can say of an endpoint. */
type Shape = {
  readonly pattern: string;
  readonly interfaceName: string;
  readonly addresses: readonly string[];
  readonly profiles: readonly string[];
  /** Keys that it has as its Node has them. */
  readonly copied: readonly string[];
  readonly set: StringMap;
};
type Fit = { readonly endpoint: HostEndpoint; readonly node: Node; readonly shape: Shape };

const LONGEST_SELECTOR = 1_024;
const SOURCES: readonly (readonly string[])[] = [
  ["InternalIP", "ExternalIP"],
  ["InternalIP"],
  ["ExternalIP"],
  ["InternalIP", "Interfaces"],
  ["InternalIP", "ExternalIP", "Interfaces"],
  ["InternalIP", "Bgp", "Tunnel", "Interfaces"],
];

export function importManual({ endpoints, nodes }: ManualSource): ImportedSettings {
  const byName = new Map(nodes.map((it) => [it.name, it]));
  const orphans = endpoints.filter((it) => !byName.has(it.node));
  const living = endpoints.filter((it) => byName.has(it.node));
  const fits = living.flatMap((endpoint) => fitsOf(endpoint, byName.get(endpoint.node)));
  const chosen = shapesOf(fits);
  const entries = chosen.flatMap((group) => entryFor(group, nodes) ?? []);
  const covered = new Set(entries.flatMap((it) => it.names));
  const kept = living.map((it) => it.name).filter((it) => !covered.has(it));
  return {
    settings: kept.length === 0 ? {} : { kept },
    endpoints: entries.length === 0 ? [NO_ENDPOINT] : entries.map((it) => it.endpoint),
    notes: [
      endpoints.length === 0
        ? "There is no endpoint that somebody made by hand."
        : `${covered.size} of ${living.length} endpoints are what these entries make; take them over with "hepctl adopt --from manual --all".`,
      ...(kept.length === 0
        ? []
        : ["Those under `kept` fit no entry: they stay as they are while their node lives."]),
      ...(orphans.length === 0
        ? []
        : [
            `${orphans.length === 1 ? "One is for a node that is" : `${orphans.length} are for nodes that are`} gone (${orphans
              .slice(0, 3)
              .map((it) => it.name)
              .join(", ")}): "hepctl adopt --orphans" shows what they still open.`,
          ]),
    ],
    problems: [],
  };
}

/** Every way in which settings could say it: by several sources of addresses the same ones may come. */
function fitsOf(endpoint: HostEndpoint, node: Node | undefined): readonly Fit[] {
  if (node === undefined || endpoint.ports.length > 0 || endpoint.skipped !== undefined) return [];
  const at = endpoint.name.indexOf(node.name);
  const [before, after] = [endpoint.name.slice(0, at), endpoint.name.slice(at + node.name.length)];
  // `legacy` does not bear the name of the node `a`.
  const isPart = /[a-z0-9]$/.test(before) || /^[a-z0-9]/.test(after);
  if (at < 0 || isPart || endpoint.calicoName !== endpoint.name) return [];
  const pattern = `${before}{node}${after}`;
  const has = [...endpoint.expectedIPs].sort().join();
  const addresses = SOURCES.find(
    (types) => chooseAddresses(node, { types, cidrs: [] }).addresses.join() === has,
  );
  if (addresses === undefined) return [];
  const labels = Object.entries(endpoint.labels);
  const isCopied = ([key, value]: readonly [string, string]) => node.labels[key] === value;
  return [
    {
      endpoint,
      node,
      shape: {
        pattern,
        interfaceName: endpoint.interfaceName,
        addresses,
        profiles: endpoint.profiles,
        copied: labels
          .filter(isCopied)
          .map(([key]) => key)
          .sort(),
        set: Object.fromEntries(labels.filter((it) => !isCopied(it)).sort(ascending(([key]) => key))),
      },
    },
  ];
}

/** Of each name pattern the shape that most have: two entries cannot share a name. */
function shapesOf(fits: readonly Fit[]): readonly (readonly Fit[])[] {
  const byPattern = Map.groupBy(fits, (it) => it.shape.pattern);
  return [...byPattern.values()].map((same) => {
    const shapes = [...Map.groupBy(same, (it) => JSON.stringify(it.shape)).values()];
    return shapes.reduce((most, it) => (it.length > most.length ? it : most));
  });
}

function entryFor(
  group: readonly Fit[],
  nodes: readonly Node[],
): { readonly endpoint: ImportedEndpoint; readonly names: readonly string[] } | undefined {
  const [first] = group;
  const selector = selectorFor(
    group.map((it) => it.node),
    nodes,
  );
  if (first === undefined || selector === undefined) return undefined;
  const { pattern, interfaceName, addresses, profiles, copied, set } = first.shape;
  const labels: JsonObject = {
    include: copied.map((it) => `${it.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`),
    ...(Object.keys(set).length === 0 ? {} : { set }),
  };
  return {
    names: group.map((it) => it.endpoint.name),
    endpoint: {
      entry: {
        name: pattern,
        ...(selector === "all()" ? {} : { nodes: selector }),
        ...(interfaceName === "*" ? {} : { interface: interfaceName }),
        addresses,
        profiles,
        labels,
      },
      comments: [`${group.length} endpoints of this shape.`],
    },
  };
}

const HOSTNAME = "kubernetes.io/hostname";

/** Exactly these nodes; undefined when no selector of bearable length says so. */
function selectorFor(meant: readonly Node[], all: readonly Node[]): string | undefined {
  if (meant.length === all.length) return "all()";
  const hostnames = meant.map((it) => it.labels[HOSTNAME] ?? "");
  const isTheirs = (it: Node) => hostnames.includes(it.labels[HOSTNAME] ?? "");
  if (hostnames.some((it) => it === "" || it.includes("'")) || all.filter(isTheirs).length !== meant.length)
    return undefined;
  const selector = `${HOSTNAME} in {${[...hostnames]
    .sort()
    .map((it) => `'${it}'`)
    .join(", ")}}`;
  return selector.length <= LONGEST_SELECTOR ? selector : undefined;
}
