import type { Schema, ValidationRule } from "./custom-resource-definition.ts";
import { number, object, oneOf, rule, textLike, textUpTo, withDefault } from "./schema-parts.ts";

export const tierSpec = object({ order: number, defaultAction: withDefault(oneOf("Pass", "Deny"), "Deny") });

const conditionType =
  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

/** One of Kubernetes' own conditions (metav1.Condition). */
export const condition: Schema = object(
  {
    type: { ...textLike(conditionType), maxLength: 316 },
    status: oneOf("True", "False", "Unknown"),
    reason: { ...textLike("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"), minLength: 1, maxLength: 1024 },
    message: textUpTo(32_768),
    lastTransitionTime: { type: "string", format: "date-time" },
    observedGeneration: { type: "integer", format: "int64", minimum: 0 },
  },
  { required: ["lastTransitionTime", "message", "reason", "status", "type"] },
);

export const tierStatus = object({
  conditions: {
    type: "array",
    items: condition,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
  },
});

function builtIn(name: string, action: string): ValidationRule {
  return rule(
    `self.metadata.name == '${name}' ? (has(self.spec.defaultAction) && self.spec.defaultAction == '${action}') : true`,
    `the built-in tier ${name} ends in ${action}`,
  );
}

function fixedOrder(name: string, order: string): ValidationRule {
  return rule(
    `self.metadata.name != '${name}' || (has(self.spec.order) && self.spec.order == ${order})`,
    `the built-in tier ${name} has order ${order}`,
  );
}

/** The built-in tiers cannot be moved or turned round. */
export const tierRules: readonly ValidationRule[] = [
  builtIn("kube-admin", "Pass"),
  builtIn("kube-baseline", "Pass"),
  builtIn("default", "Deny"),
  fixedOrder("default", "1000000.0"),
  fixedOrder("kube-admin", "1000.0"),
  fixedOrder("kube-baseline", "10000000.0"),
];
