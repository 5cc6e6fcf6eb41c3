import type { Schema } from "./custom-resource-definition.ts";
import { stagedAction } from "./policy-schemas.ts";
import { listOf, object, setOf, text, textMap } from "./schema-parts.ts";

const labelSelector = object(
  {
    matchExpressions: listOf(
      object({ key: text, operator: text, values: listOf(text) }, { required: ["key", "operator"] }),
    ),
    matchLabels: textMap,
  },
  { "x-kubernetes-map-type": "atomic" },
);

const peers = listOf(
  object({
    ipBlock: object({ cidr: text, except: listOf(text) }, { required: ["cidr"] }),
    namespaceSelector: labelSelector,
    podSelector: labelSelector,
  }),
);

const ports = listOf(
  object({
    endPort: { type: "integer", format: "int32" },
    port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    protocol: text,
  }),
);

/** A Kubernetes NetworkPolicy that is only observed. */
export const stagedKubernetesNetworkPolicySpec: Schema = object({
  stagedAction,
  podSelector: labelSelector,
  policyTypes: setOf(text, { minItems: 1, maxItems: 2 }),
  ingress: listOf(object({ from: peers, ports })),
  egress: listOf(object({ to: peers, ports })),
});
