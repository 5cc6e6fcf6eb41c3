/**
 * Which HostEndpoints each node in scope should have.
 *
 * In: a snapshot, the templates, our id. Out: `Desired`, one entry for each node in scope, sorted.
 * Must never happen: an endpoint without addresses (rules with selectors would match nothing for it), two nodes with
 * one endpoint name, or Calico's created-by label on one of ours.
 */
import { calicoInterfaces, type CalicoInterface } from "../address/calico-addresses.ts";
import type { Address } from "../address/parse-address.ts";
import { endpointName } from "../config/endpoint-name.ts";
import type { EndpointTemplate } from "../config/endpoint-template.ts";
import type { Desired, DesiredNode } from "../model/desired.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Scope } from "../model/scope.ts";
import { NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION } from "../names/names.ts";
import { collectLabelNames } from "../policy/selector/compile-expression.ts";
import { evaluateSelector, parseSelector } from "../policy/selector/parse-selector.ts";
import { addressOwners } from "./address-owners.ts";
import { chooseAddresses, type IsOthers } from "./addresses.ts";
import { areLabelsSettling, unfitness } from "./fitness.ts";
import { endpointLabels, labelFilter, readNodeLabels, type LabelFilter } from "./labels.ts";

export type DesiredRequest = {
  readonly scope: Scope;
  readonly nodes: readonly Node[];
  readonly templates: readonly EndpointTemplate[];
  /** Installation id: the value of the owner label. */
  readonly owner: string;
};

type CompiledTemplate = {
  readonly template: EndpointTemplate;
  readonly selects: (node: Node) => boolean;
  readonly filter: LabelFilter;
  /** Undefined: one endpoint for the node. */
  readonly interfaces: RegExp | undefined;
};
type Context = { readonly owner: string; readonly isOthers: IsOthers };

export function buildDesired(request: DesiredRequest): Desired {
  const templates = request.templates.map(compileTemplate);
  const isOthers = addressOwners(request.nodes, request.templates);
  const inScope = request.scope.kind === "cluster" ? undefined : new Set(request.scope.nodes);
  const taken = new Map<string, string>();
  const nodes = request.nodes
    .filter((it) => inScope === undefined || inScope.has(it.name))
    .map((node) => refuseTakenNames(desiredFor(node, templates, { owner: request.owner, isOthers }), taken));
  return { nodes };
}

/**
 * What the templates want for one node; asked again with a fresh Node when the world moved on while a plan is applied.
 * @param others the nodes that were read with it, whose addresses it cannot claim
 */
export function endpointsWantedBy(
  node: Node,
  templates: readonly EndpointTemplate[],
  owner: string,
  others: readonly Node[] = [],
): readonly DesiredHostEndpoint[] {
  const world = [...others.filter((it) => it.name !== node.name), node];
  const isOthers = addressOwners(world, templates);
  const desired = desiredFor(node, templates.map(compileTemplate), { owner, isOthers });
  return desired.kind === "unfit" ? [] : desired.endpoints;
}

function compileTemplate(template: EndpointTemplate): CompiledTemplate {
  const { interfacePattern } = template;
  return {
    template,
    selects: nodeFilter(template),
    filter: labelFilter(template.labels),
    interfaces: interfacePattern === undefined ? undefined : new RegExp(interfacePattern, "u"),
  };
}

/** Asks the selector once for each combination of the labels that it looks at; most templates look at none. */
function nodeFilter(template: Pick<EndpointTemplate, "nodes" | "labels">): (node: Node) => boolean {
  const selector = parseSelector(template.nodes);
  if (selector.kind !== "selector") return () => false;
  const names = new Set<string>();
  collectLabelNames(selector.expression, names);
  const known = new Map<string, boolean>();
  return (node) => {
    const labels = readNodeLabels(node, template.labels);
    const key = JSON.stringify([...names].map((it) => labels[it]));
    const found = known.get(key) ?? evaluateSelector(selector, labels);
    known.set(key, found);
    return found;
  };
}

function desiredFor(node: Node, templates: readonly CompiledTemplate[], context: Context): DesiredNode {
  const unfit = unfitness(node);
  if (unfit !== undefined) return { kind: "unfit", node: node.name, ...unfit };
  const selected = templates.filter((it) => it.selects(node));
  if (selected.length === 0)
    return {
      kind: "unfit",
      node: node.name,
      reason: "no-template",
      detail: "no entry of `endpoints` selects it",
    };
  const made = selected.flatMap((it) => endpointsFrom(it, node, context));
  const badName = made.find((it) => it.kind !== "outside" && it.name !== "" && !isObjectName(it.name));
  if (badName !== undefined)
    return {
      kind: "unfit",
      node: node.name,
      reason: "invalid-name",
      detail: `the HostEndpoint would be called ${shorten(badName.name)}: a name has at most 253 characters, lower-case letters, digits, "-" and "."`,
    };
  const endpoints = made.flatMap((it) => (it.kind === "endpoint" ? [it.endpoint] : []));
  const unknown = made.find((it) => it.kind === "unknown");
  if (unknown !== undefined)
    return { kind: "waiting", node: node.name, reason: "no-address", detail: unknown.detail, endpoints };
  if (endpoints.length === 0)
    return {
      kind: "unfit",
      node: node.name,
      reason: "outside-cidrs",
      detail: made.every((it) => it.kind === "outside")
        ? "none of its addresses is inside the `cidrs`, or none of its interfaces matches the `interfacePattern`, of an entry that selects it"
        : "no entry of `endpoints` makes an endpoint for it",
    };
  if (areLabelsSettling(node))
    return {
      kind: "waiting",
      node: node.name,
      reason: "labels-settling",
      detail:
        "Karpenter has not finished with the node (taint karpenter.sh/unregistered): more labels may come",
      endpoints,
    };
  return { kind: "wanted", node: node.name, endpoints };
}

/** What becomes of an entry on a node. `name` is what the endpoint is or would be called; empty where that is not known. */
type Made =
  | { readonly kind: "endpoint"; readonly name: string; readonly endpoint: DesiredHostEndpoint }
  /** Nothing of the node is inside: decided. */
  | { readonly kind: "outside"; readonly name: string }
  /** What decides is not known yet. */
  | { readonly kind: "unknown"; readonly name: string; readonly detail: string };

function endpointsFrom(compiled: CompiledTemplate, node: Node, context: Context): readonly Made[] {
  const { template, interfaces: pattern } = compiled;
  if (pattern === undefined)
    return [
      make(compiled, node, context, {
        name: endpointName(template.name, node.name),
        interfaceName: template.interface,
      }),
    ];
  const listed = calicoInterfaces(node);
  if (listed === undefined)
    return [
      {
        kind: "unknown",
        name: "",
        detail:
          "calico-node has not written which interfaces it has (annotation projectcalico.org/Interfaces, since Calico 3.31)",
      },
    ];
  const matching = listed.filter((it) => pattern.test(it.name)).flatMap((it) => nameable(it, template, node));
  if (matching.length === 0) return [{ kind: "outside", name: "" }];
  return matching.map((it) => make(compiled, node, context, it));
}

type Place = {
  readonly name: string;
  readonly interfaceName: string;
  readonly own?: readonly Address[];
};

/** Felix enforces on no interface whose name it or Kubernetes refuses; Calico makes none for it either. */
function nameable(
  { name: interfaceName, addresses }: CalicoInterface,
  template: EndpointTemplate,
  node: Node,
): readonly Place[] {
  const name = endpointName(template.name, node.name, interfaceName);
  return /^[a-zA-Z0-9_.-]{1,15}$/.test(interfaceName) && isObjectName(name)
    ? [{ name, interfaceName, own: addresses }]
    : [];
}

function make(
  { template, filter }: CompiledTemplate,
  node: Node,
  { owner, isOthers }: Context,
  { name, interfaceName, own }: Place,
): Made {
  const { addresses: expectedIPs, outside } = chooseAddresses(node, {
    types: template.addresses,
    cidrs: template.cidrs,
    isOthers,
    ...(own === undefined ? {} : { own }),
  });
  // An interface that has no address is governed all the same, and nothing else of it is to come.
  if (expectedIPs.length === 0 && own === undefined)
    return outside
      ? { kind: "outside", name }
      : {
          kind: "unknown",
          name,
          detail: "the Node lists no usable address that `addresses` lets through",
        };
  return {
    kind: "endpoint",
    name,
    endpoint: {
      name,
      node: node.name,
      interfaceName,
      expectedIPs,
      profiles: template.profiles,
      labels: endpointLabels(readNodeLabels(node, template.labels), filter, template.labels.set, owner),
      annotations: {
        ...template.annotations,
        [NODE_UID_ANNOTATION]: node.uid,
        ...(node.providerId === undefined ? {} : { [PROVIDER_ID_ANNOTATION]: node.providerId }),
      },
    },
  };
}

/** Two patterns can give two nodes one name (`{node}` for `a-b`, `{node}-b` for `a`): the first node keeps it. */
function refuseTakenNames(desired: DesiredNode, taken: Map<string, string>): DesiredNode {
  if (desired.kind === "unfit") return desired;
  const clash = desired.endpoints.find((it) => taken.has(it.name));
  if (clash === undefined) {
    for (const endpoint of desired.endpoints) taken.set(endpoint.name, desired.node);
    return desired;
  }
  return {
    kind: "unfit",
    node: desired.node,
    reason: "invalid-name",
    detail: `the HostEndpoint name ${clash.name} is already the one of node ${taken.get(clash.name) ?? ""}: change a name pattern`,
  };
}

/** DNS-1123 subdomain, what Kubernetes takes as the name of a custom resource. */
function isObjectName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}

function shorten(name: string): string {
  return name.length <= 80 ? name : `${name.slice(0, 77)}... (${name.length} characters)`;
}
