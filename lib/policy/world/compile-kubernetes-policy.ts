import type { JsonValue, KubernetesObject } from "../../model/kubernetes-object.ts";
import { newDecoder, recordsField, stringsField, type JsonRecord } from "../objects/decode-fields.ts";
import { tooLong } from "../rules/bounds.ts";
import { compileRule, inDoubt, type CompiledRule } from "../rules/compile-rule.ts";
import { decodeRule } from "../rules/decode-rule.ts";
import { NAMESPACE_LABEL } from "../rules/rule-end-selector.ts";
import type { SetTable } from "../rules/set-table.ts";
import { isSelectorError, parseSelector, type Selector } from "../selector/parse-selector.ts";
import { tieBreakerOf } from "../version/place-policy.ts";
import type { VersionRules } from "../version/version-rules.ts";
import type { Policy } from "./policy.ts";
import { isJsonObject } from "../../model/read-json.ts";

/** Order that Calico gives to Kubernetes policies in the tier `default`. */
const ORDER = 1_000;

/** A Kubernetes NetworkPolicy as Calico converts it: a namespaced policy of the tier `default` that selects pods only. */
export function compileKubernetesPolicy(
  object: KubernetesObject,
  sets: SetTable,
  versionRules: VersionRules,
): Policy {
  const namespace = object.metadata.namespace ?? "default";
  const decoder = newDecoder();
  const spec = object.spec ?? {};
  const types = stringsField(decoder, spec, "policyTypes", "spec");
  const pods = selectorText(spec["podSelector"], "");
  const problem = tooLong(pods);
  const undecidable = problem === undefined ? undefined : `spec.podSelector: ${problem}`;
  const hasEgress = spec["egress"] !== undefined && spec["egress"] !== null;
  const rules = (key: "ingress" | "egress"): readonly CompiledRule[] =>
    recordsField(decoder, spec, key, "spec")
      .flatMap((raw) => calicoRules(raw, key))
      .map((raw) => compileRule(decodeRule(decoder, raw, key), namespace, sets))
      .map((rule) => (undecidable === undefined ? rule : inDoubt(rule)));
  const selected = [
    undecidable === undefined ? pods : "",
    `${NAMESPACE_LABEL} == '${namespace}'`,
    "projectcalico.org/orchestrator == 'k8s'",
  ];
  const placed = {
    name: object.metadata.name,
    namespace,
    kind: "KubernetesNetworkPolicy" as const,
    tier: "default",
  };
  return {
    ...placed,
    shownName: object.metadata.name,
    tieBreaker: tieBreakerOf(versionRules, { ...placed, apiVersion: object.apiVersion }),
    order: ORDER,
    staged: false,
    selector: parse(
      selected
        .filter((text) => text !== "")
        .map((text) => `(${text})`)
        .join(" && "),
    ),
    undecidable,
    class: "normal",
    applyOnForward: false,
    governsIngress: types.length === 0 || types.includes("Ingress"),
    governsEgress: types.length === 0 ? hasEgress : types.includes("Egress"),
    ingress: rules("ingress"),
    egress: rules("egress"),
  };
}

/** One Calico rule per peer and protocol. */
function calicoRules(raw: JsonRecord, direction: "ingress" | "egress"): JsonRecord[] {
  const decoder = newDecoder();
  const peerKey = direction === "ingress" ? "from" : "to";
  const peers = recordsField(decoder, raw, peerKey, peerKey).map(peerEnd);
  const ports = recordsField(decoder, raw, "ports", "ports");
  const ends = peers.length === 0 ? [{}] : peers;
  const portRules = ports.length === 0 ? [{}] : ports.map(portCriteria);
  return ends.flatMap((end) =>
    portRules.map(({ protocol, port }: { protocol?: JsonValue; port?: JsonValue }) => {
      const destinationPorts = port === undefined ? {} : { ports: [port] };
      const source = direction === "ingress" ? end : {};
      const destination = direction === "ingress" ? destinationPorts : { ...end, ...destinationPorts };
      return { action: "Allow", source, destination, ...(protocol === undefined ? {} : { protocol }) };
    }),
  );
}

function portCriteria(raw: JsonRecord): { protocol: JsonValue; port?: JsonValue } {
  const protocol = raw["protocol"] ?? "TCP";
  const { port, endPort } = raw;
  if (port === undefined || port === null) return { protocol };
  return {
    protocol,
    port: typeof endPort === "number" && typeof port === "number" ? `${port}:${endPort}` : port,
  };
}

function peerEnd(raw: JsonRecord): JsonRecord {
  const block = raw["ipBlock"];
  if (isJsonObject(block)) {
    const except = block["except"];
    return {
      nets: [block["cidr"] ?? ""],
      ...(Array.isArray(except) && except.length > 0 ? { notNets: except } : {}),
    };
  }
  const namespaces = raw["namespaceSelector"];
  const selector = selectorText(raw["podSelector"], "projectcalico.org/orchestrator == 'k8s'");
  return namespaces === undefined || namespaces === null
    ? { selector }
    : { selector, namespaceSelector: selectorText(namespaces, "") || "all()" };
}

/** A Kubernetes label selector in Calico's language; `first` is put in front. */
function selectorText(value: JsonValue | undefined, first: string): string {
  const parts = first === "" ? [] : [first];
  if (isJsonObject(value)) {
    const { matchLabels, matchExpressions } = value;
    for (const [key, text] of Object.entries(isJsonObject(matchLabels) ? matchLabels : {}))
      parts.push(`${key} == '${textOf(text)}'`);
    for (const expression of Array.isArray(matchExpressions) ? matchExpressions : []) {
      if (isJsonObject(expression)) parts.push(expressionText(expression));
    }
  }
  return parts.join(" && ");
}

function expressionText(expression: JsonRecord): string {
  const key = textOf(expression["key"]);
  const values = Array.isArray(expression["values"])
    ? (expression["values"] as readonly JsonValue[]).map((value) => `'${textOf(value)}'`).join(", ")
    : "";
  switch (expression["operator"]) {
    case "In":
      return `${key} in {${values}}`;
    case "NotIn":
      return `${key} not in {${values}}`;
    case "Exists":
      return `has(${key})`;
    default:
      return `!has(${key})`;
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

function parse(text: string): Selector {
  const parsed = parseSelector(text);
  return isSelectorError(parsed) ? (parseSelector("!all()") as Selector) : parsed;
}
