import { failsafePatchCommand } from "../../guard/rules/essential-flows.ts";
import { canBeFailsafe, mergeFailsafes } from "../../guard/fix/merge-failsafes.ts";
import { prepareProof } from "../../guard/proof/prepare-proof.ts";
import type { Check } from "../facts.ts";

/**
 * Calico's failsafes against the essential flows of EKS, with one patch that keeps the user's own entries: setting a list
 * replaces it, and Calico's own list does not know that EKS serves on 443 (user-needs rows 2 and 3).
 */
export const failsafesCheck: Check = ({ settings, plan }) => {
  if (plan === undefined || plan.report.findings.some((it) => it.code === "failsafe-gap")) return [];
  const { snapshot } = plan;
  const flows = prepareProof(snapshot, settings)
    .flows.map((it) => it.flow)
    .filter((it) => canBeFailsafe(it) && it.state === undefined);
  const configuration = snapshot.policyObjects.felixConfigurations.find(
    (it) => it.metadata.name === "default",
  );
  const patch = mergeFailsafes(configuration, flows);
  if (Object.keys(patch).length === 0) return [];
  const missing = flows
    .filter((it) => Object.keys(mergeFailsafes(configuration, [it])).length > 0)
    .map((it) => it.id);
  return [
    {
      severity: "info",
      code: "failsafes-incomplete",
      object: "FelixConfiguration/default",
      message: `a policy could cut these essential flows, because no failsafe keeps them open: ${missing.join(", ")}`,
      fix: failsafePatchCommand(snapshot.group, patch),
    },
  ];
};
