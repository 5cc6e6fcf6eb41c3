import { parseSelector, isSelectorError } from "../../policy/selector/parse-selector.ts";
import { collectLabelNames } from "../../policy/selector/compile-expression.ts";
import { allSelections } from "../../policy/selection-of.ts";
import { OWNER_LABEL } from "../../names/names.ts";
import { worldOf } from "../../world/world-of.ts";
import type { Check } from "../facts.ts";

/** Labels that a kubelet may not set on its own Node (NodeRestriction admission; docs/aws.md 5). */
const RESTRICTED = /^(node-restriction\.kubernetes\.io|node-role\.kubernetes\.io)\//;

/**
 * A node that is taken over can give itself almost any label, and with it other policies (docs/needs.md row 20, scenario 16).
 * Named: each policy that takes hold of a HostEndpoint by a label which is copied from the Node and which a kubelet may set.
 */
export const selfSettableLabelsCheck: Check = ({ settings, plan }) => {
  if (plan === undefined) return [];
  const { policyObjects, nodes } = plan.snapshot;
  const fixed = new Set([OWNER_LABEL, ...settings.endpoints.flatMap((it) => Object.keys(it.labels.set))]);
  const copied = new Set(nodes.flatMap((node) => Object.keys(node.labels)));
  const inForce = new Set(
    allSelections(worldOf(plan.snapshot))
      .filter((it) => !it.staged)
      .map((it) => it.policy),
  );
  return policyObjects.globalNetworkPolicies.flatMap((policy) => {
    const text = policy.spec?.["selector"];
    const selector = typeof text === "string" ? parseSelector(text) : undefined;
    if (selector === undefined || isSelectorError(selector) || !inForce.has(policy.metadata.name)) return [];
    const names = new Set<string>();
    collectLabelNames(selector.expression, names);
    const settable = [...names]
      .filter((it) => copied.has(it) && !fixed.has(it) && !RESTRICTED.test(it))
      .sort();
    if (settable.length === 0) return [];
    return [
      {
        severity: "warning" as const,
        code: "self-settable-label",
        object: `GlobalNetworkPolicy/${policy.metadata.name}`,
        message: `it takes hold of nodes by ${settable.join(", ")}, which a node may set on itself: one that is taken over can choose its policies`,
        fix: "use labels of the domain node-restriction.kubernetes.io, or set them for a node group by `labels.set` of an entry of `endpoints`",
      },
    ];
  });
};
