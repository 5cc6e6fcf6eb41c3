import type { Schema } from "./check-schema.ts";
import { FELIX_CONFIGURATION } from "./felix-configuration-schema.ts";

/**
 * The schemas of Calico's CRDs as far as they constrain anything. Both groups have the same.
 * Source: the CRDs of Calico 3.32, docs/calico.md 17.
 */
const TEXT: Schema = { type: "string" };
const SELECTOR: Schema = { type: "string", maxLength: 1024 };
const NAME: Schema = { type: "string", maxLength: 253 };
const NETS: Schema = { type: "array", set: true, maxItems: 256, items: TEXT };
const PORTS: Schema = { type: "array", maxItems: 50, items: { type: "intOrString" } };
const ICMP: Schema = {
  type: "object",
  properties: {
    type: { type: "integer", minimum: 0, maximum: 254 },
    code: { type: "integer", minimum: 0, maximum: 255 },
  },
};
const END: Schema = {
  type: "object",
  properties: {
    nets: NETS,
    notNets: NETS,
    ports: PORTS,
    notPorts: PORTS,
    selector: SELECTOR,
    notSelector: SELECTOR,
    namespaceSelector: SELECTOR,
    serviceAccounts: {
      type: "object",
      properties: { names: { type: "array", set: true, items: TEXT }, selector: TEXT },
    },
    services: { type: "object", properties: { name: NAME, namespace: NAME } },
  },
};
const HTTP_PATH: Schema = { type: "object", properties: { exact: SELECTOR, prefix: SELECTOR } };
const RULES: Schema = {
  type: "array",
  maxItems: 1024,
  items: {
    type: "object",
    required: ["action"],
    properties: {
      action: { type: "string", enum: ["Allow", "Deny", "Log", "Pass"] },
      ipVersion: { type: "integer", enum: [4, 6] },
      protocol: { type: "intOrString" },
      notProtocol: { type: "intOrString" },
      icmp: ICMP,
      notICMP: ICMP,
      source: END,
      destination: END,
      http: {
        type: "object",
        properties: {
          methods: { type: "array", maxItems: 20, items: TEXT },
          paths: { type: "array", maxItems: 20, items: HTTP_PATH },
        },
      },
      metadata: { type: "object", properties: { annotations: { type: "map", values: TEXT } } },
    },
  },
};
const POLICY = {
  tier: TEXT,
  order: { type: "number" },
  selector: SELECTOR,
  serviceAccountSelector: SELECTOR,
  types: {
    type: "array",
    set: true,
    minItems: 1,
    maxItems: 2,
    items: { type: "string", enum: ["Ingress", "Egress"] },
  },
  performanceHints: {
    type: "array",
    set: true,
    items: { type: "string", enum: ["AssumeNeededOnEveryNode"] },
  },
  ingress: RULES,
  egress: RULES,
} as const satisfies Record<string, Schema>;
const FLAGS = {
  namespaceSelector: SELECTOR,
  doNotTrack: { type: "boolean" },
  preDNAT: { type: "boolean" },
  applyOnForward: { type: "boolean" },
} as const satisfies Record<string, Schema>;
const STAGED = {
  stagedAction: { type: "string", enum: ["Set", "Delete", "Learn", "Ignore"] },
} as const satisfies Record<string, Schema>;
const NET_SET: Schema = { type: "object", properties: { nets: { type: "array", set: true, items: TEXT } } };

/** Schema of `spec`, by kind. */
export const SPEC_SCHEMAS: Readonly<Record<string, Schema>> = {
  HostEndpoint: {
    type: "object",
    properties: {
      node: NAME,
      interfaceName: { type: "string", maxLength: 15 },
      expectedIPs: { type: "array", set: true, items: TEXT },
      profiles: { type: "array", set: true, items: TEXT },
      ports: {
        type: "array",
        items: {
          type: "object",
          required: ["name", "port", "protocol"],
          properties: {
            name: TEXT,
            port: { type: "integer", minimum: 1, maximum: 65_535 },
            protocol: { type: "intOrString" },
          },
        },
      },
    },
  },
  GlobalNetworkPolicy: { type: "object", properties: { ...POLICY, ...FLAGS } },
  NetworkPolicy: { type: "object", properties: POLICY },
  StagedGlobalNetworkPolicy: { type: "object", properties: { ...POLICY, ...FLAGS, ...STAGED } },
  StagedNetworkPolicy: { type: "object", properties: { ...POLICY, ...STAGED } },
  GlobalNetworkSet: NET_SET,
  NetworkSet: NET_SET,
  Tier: {
    type: "object",
    properties: { order: { type: "number" }, defaultAction: { type: "string", enum: ["Pass", "Deny"] } },
  },
  FelixConfiguration: FELIX_CONFIGURATION,
};
