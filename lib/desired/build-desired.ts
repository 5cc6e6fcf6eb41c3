/**
 * Which HostEndpoints each node in scope should have.
 *
 * In: a snapshot, the templates, our id. Out: `Desired`, one entry for each node in scope, sorted.
 * Must never happen: an endpoint without addresses (rules with selectors would match nothing for it), two nodes with
 * one endpoint name, or Calico's created-by label on one of ours.
 */
import type { EndpointTemplate } from "../config/settings.ts";
import type { Desired, DesiredNode } from "../model/desired.ts";
import { endpointName } from "../model/endpoint-name.ts";
import type { DesiredHostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import type { Scope } from "../model/scope.ts";
import { NODE_UID_ANNOTATION, PROVIDER_ID_ANNOTATION } from "../names/names.ts";
import { collectLabelNames } from "../policy/selector/compile-expression.ts";
import { evaluateSelector, parseSelector } from "../policy/selector/parse-selector.ts";
import { expectedIPsOf } from "./addresses.ts";
import { areLabelsSettling, unfitness } from "./fitness.ts";
import { endpointLabels, labelFilter, type LabelFilter } from "./labels.ts";

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
};

export function buildDesired(request: DesiredRequest): Desired {
  const templates = request.templates.map(compileTemplate);
  const inScope = request.scope.kind === "cluster" ? undefined : new Set(request.scope.nodes);
  const taken = new Map<string, string>();
  const nodes = request.nodes
    .filter((it) => inScope === undefined || inScope.has(it.name))
    .map((node) => refuseTakenNames(desiredFor(node, templates, request.owner), taken));
  return { nodes };
}

/** What the templates want for one node; asked again with a fresh Node when the world moved on while a plan is applied. */
export function endpointsWantedBy(
  node: Node,
  templates: readonly EndpointTemplate[],
  owner: string,
): readonly DesiredHostEndpoint[] {
  const desired = desiredFor(node, templates.map(compileTemplate), owner);
  return desired.kind === "unfit" ? [] : desired.endpoints;
}

function compileTemplate(template: EndpointTemplate): CompiledTemplate {
  return {
    template,
    selects: nodeFilter(template.nodes),
    filter: labelFilter(template.labels),
  };
}

/** Asks the selector once for each combination of the labels that it looks at; most templates look at none. */
function nodeFilter(text: string): (node: Node) => boolean {
  const selector = parseSelector(text);
  if (selector.kind !== "selector") return () => false;
  const names = new Set<string>();
  collectLabelNames(selector.expression, names);
  const known = new Map<string, boolean>();
  return ({ labels }) => {
    const key = JSON.stringify([...names].map((it) => labels[it]));
    const found = known.get(key) ?? evaluateSelector(selector, labels);
    known.set(key, found);
    return found;
  };
}

function desiredFor(node: Node, templates: readonly CompiledTemplate[], owner: string): DesiredNode {
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
  const endpoints = selected.map((it) => endpointFor(node, it, owner));
  const badName = endpoints.find((it) => !isObjectName(it.name));
  if (badName !== undefined)
    return {
      kind: "unfit",
      node: node.name,
      reason: "invalid-name",
      detail: `the HostEndpoint would be called ${shorten(badName.name)}: a name has at most 253 characters, lower-case letters, digits, "-" and "."`,
    };
  const addressed = endpoints.filter((it) => it.expectedIPs.length > 0);
  if (addressed.length < endpoints.length)
    return {
      kind: "waiting",
      node: node.name,
      reason: "no-address",
      detail: "the Node lists no usable address that `addresses` and `cidrs` let through",
      endpoints: addressed,
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

function endpointFor(node: Node, compiled: CompiledTemplate, owner: string): DesiredHostEndpoint {
  const { template, filter } = compiled;
  return {
    name: endpointName(template.name, node.name),
    node: node.name,
    interfaceName: template.interface,
    expectedIPs: expectedIPsOf(node, { types: template.addresses, cidrs: template.cidrs }),
    profiles: template.profiles,
    labels: endpointLabels(node.labels, filter, template.labels.set, owner),
    annotations: {
      [NODE_UID_ANNOTATION]: node.uid,
      ...(node.providerId === undefined ? {} : { [PROVIDER_ID_ANNOTATION]: node.providerId }),
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
