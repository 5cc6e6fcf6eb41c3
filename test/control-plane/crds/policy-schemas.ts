import type { Schema, ValidationRule } from "./custom-resource-definition.ts";
import {
  between,
  flag,
  listOf,
  number,
  numberOrText,
  object,
  oneOf,
  rule,
  setOf,
  text,
  textMap,
  textUpTo,
  withDefault,
} from "./schema-parts.ts";

const selector = textUpTo(1024);
const nets = setOf(text, { maxItems: 256 });
const ports = listOf(numberOrText, { maxItems: 50 });

function noGlobalIn(field: string): ValidationRule {
  return rule(
    `!has(self.${field}) || !self.${field}.contains('global(')`,
    "global() has a meaning only in the namespaceSelector of a rule's source or destination",
  );
}

/** CEL for "this list is absent or empty". */
function emptyOrAbsent(path: string): string {
  return `(!has(${path}) || size(${path}) == 0)`;
}

/** Source or destination of a rule. */
const peer = object(
  {
    namespaceSelector: selector,
    nets,
    notNets: nets,
    ports,
    notPorts: ports,
    selector,
    notSelector: selector,
    serviceAccounts: object({ names: setOf(text), selector: text }),
    services: object({ name: textUpTo(253), namespace: textUpTo(253) }),
  },
  {
    "x-kubernetes-validations": [
      noGlobalIn("selector"),
      rule(
        "!has(self.services) || !has(self.namespaceSelector) || size(self.namespaceSelector) == 0",
        "services exclude namespaceSelector",
        "FieldValueForbidden",
      ),
      rule(
        "!has(self.services) || !has(self.serviceAccounts)",
        "services exclude serviceAccounts",
        "FieldValueForbidden",
      ),
      rule(
        "!has(self.services) || size(self.services.name) > 0",
        "services need a name",
        "FieldValueRequired",
      ),
      rule(
        `!has(self.services) || ${emptyOrAbsent("self.selector")} && ${emptyOrAbsent("self.notSelector")}`,
        "services exclude selector and notSelector",
        "FieldValueForbidden",
      ),
      rule(
        `!has(self.services) || ${emptyOrAbsent("self.nets")} && ${emptyOrAbsent("self.notNets")}`,
        "services exclude nets and notNets",
        "FieldValueForbidden",
      ),
    ],
  },
);

const icmp = object(
  { type: between(0, 254), code: between(0, 255) },
  { "x-kubernetes-validations": [rule("!has(self.code) || has(self.type)", "a code needs a type")] },
);

const http = object({
  methods: listOf(text, { maxItems: 20 }),
  paths: listOf(object({ exact: textUpTo(1024), prefix: textUpTo(1024) }), { maxItems: 20 }),
});

/** A protocol of one IP version excludes the other IP version. */
function versionOf(field: string, name: string, numeric: number, version: number): ValidationRule {
  return rule(
    `(!has(self.${field}) || (self.${field} != '${name}' && self.${field} != ${numeric})) || ` +
      `!has(self.ipVersion) || self.ipVersion == ${version}`,
    `${name} belongs to ipVersion ${version}`,
  );
}

const policyRule = object(
  {
    action: oneOf("Allow", "Deny", "Log", "Pass"),
    ipVersion: { type: "integer", enum: [4, 6] },
    protocol: numberOrText,
    notProtocol: numberOrText,
    icmp,
    notICMP: icmp,
    http,
    source: peer,
    destination: peer,
    metadata: object({ annotations: textMap }),
  },
  {
    required: ["action"],
    "x-kubernetes-validations": [
      rule(
        "!has(self.http) || !has(self.protocol) || self.protocol == 'TCP' || self.protocol == 6",
        "an HTTP match needs TCP, or no protocol",
      ),
      rule(
        "self.action == 'Allow' || !has(self.http)",
        "only an Allow rule can match HTTP",
        "FieldValueForbidden",
      ),
      rule(
        "!has(self.destination) || !has(self.destination.services) || " +
          `${emptyOrAbsent("self.destination.ports")} && ${emptyOrAbsent("self.destination.notPorts")}`,
        "services exclude ports and notPorts",
        "FieldValueForbidden",
      ),
      rule(
        "!has(self.icmp) || (has(self.protocol) && (self.protocol == 'ICMP' || self.protocol == 'ICMPv6' || " +
          "self.protocol == 1 || self.protocol == 58))",
        "icmp needs protocol ICMP or ICMPv6",
      ),
      versionOf("protocol", "ICMP", 1, 4),
      versionOf("protocol", "ICMPv6", 58, 6),
      versionOf("notProtocol", "ICMP", 1, 4),
      versionOf("notProtocol", "ICMPv6", 58, 6),
    ],
  },
);

const rules = listOf(policyRule, { maxItems: 1024 });

/** What policies of every scope have. */
const namespacedFields: Readonly<Record<string, Schema>> = {
  tier: withDefault(text, "default"),
  order: number,
  selector,
  serviceAccountSelector: selector,
  types: setOf(oneOf("Ingress", "Egress"), { minItems: 1, maxItems: 2 }),
  ingress: rules,
  egress: rules,
  performanceHints: setOf(oneOf("AssumeNeededOnEveryNode")),
};
const namespacedRules = [noGlobalIn("selector"), noGlobalIn("serviceAccountSelector")];

/** What only policies of the whole cluster have: they alone can reach host endpoints. */
const globalFields: Readonly<Record<string, Schema>> = {
  ...namespacedFields,
  namespaceSelector: selector,
  applyOnForward: flag,
  doNotTrack: flag,
  preDNAT: flag,
};
const globalRules = [
  rule(
    "!((has(self.doNotTrack) && self.doNotTrack) && (has(self.preDNAT) && self.preDNAT))",
    "a policy is doNotTrack or preDNAT, not both",
    "FieldValueForbidden",
  ),
  rule(
    "(!has(self.preDNAT) || !self.preDNAT) || !has(self.egress) || size(self.egress) == 0",
    "a preDNAT policy has no egress rules",
    "FieldValueForbidden",
  ),
  rule(
    "(!has(self.preDNAT) || !self.preDNAT) || !has(self.types) || !self.types.exists(t, t == 'Egress')",
    "a preDNAT policy is not of type Egress",
    "FieldValueForbidden",
  ),
  rule(
    "(has(self.applyOnForward) && self.applyOnForward) || " +
      "((!has(self.doNotTrack) || !self.doNotTrack) && (!has(self.preDNAT) || !self.preDNAT))",
    "doNotTrack and preDNAT need applyOnForward",
  ),
  ...namespacedRules,
  noGlobalIn("namespaceSelector"),
];

/** What Staged* kinds say about the policy that they stand for. */
export const stagedAction = withDefault(oneOf("Set", "Delete", "Learn", "Ignore"), "Set");

export const globalNetworkPolicySpec = object(globalFields, { "x-kubernetes-validations": globalRules });
export const networkPolicySpec = object(namespacedFields, { "x-kubernetes-validations": namespacedRules });
export const stagedGlobalNetworkPolicySpec = object(
  { ...globalFields, stagedAction },
  { "x-kubernetes-validations": globalRules },
);
export const stagedNetworkPolicySpec = object(
  { ...namespacedFields, stagedAction },
  { "x-kubernetes-validations": namespacedRules },
);
