import { evaluateSelector, isSelectorError, parseSelector } from "../../policy/selector/parse-selector.ts";
import type { Check } from "../facts.ts";

/** Does every entry of `endpoints` select a node, and does every node that could have an endpoint get one? */
export const templatesCheck: Check = ({ settings, plan }) => {
  if (plan === undefined || plan.snapshot.nodes.length === 0) return [];
  const { nodes } = plan.snapshot;
  const idle = settings.endpoints.flatMap((template, index) => {
    const selector = parseSelector(template.nodes);
    if (isSelectorError(selector) || nodes.some((it) => evaluateSelector(selector, it.labels))) return [];
    return [
      {
        severity: "warning" as const,
        code: "template-selects-nothing" as const,
        object: `Settings/endpoints[${index}]`,
        message: `"${template.nodes}" selects none of ${nodes.length} nodes`,
        fix: "compare it with the labels that `kubectl get nodes --show-labels` prints",
      },
    ];
  });
  const left = plan.report.nodes.filter((it) => it.reason === "no-template");
  if (left.length === 0) return idle;
  const message = `no entry of \`endpoints\` selects ${left.length} of ${nodes.length} nodes, such as ${left[0]?.node ?? ""}`;
  return [
    ...idle,
    {
      severity: "warning",
      code: "nodes-without-template",
      object: "Settings/endpoints",
      message,
      fix: "add an entry for them, or widen a selector",
    },
  ];
};
