import { failsafeFix } from "../../guard/fix/failsafe-fix.ts";
import { canBeFailsafe } from "../../guard/fix/merge-failsafes.ts";
import { prepareProof } from "../../guard/proof/prepare-proof.ts";
import type { Check } from "../facts.ts";

/**
 * Calico's failsafes against the essential flows of EKS, with one patch that keeps the user's own entries: setting a list
 * replaces it, and Calico's own list does not know that EKS serves on 443 (docs/needs.md rows 2 and 3).
 */
export const failsafesCheck: Check = ({ settings, plan }) => {
  if (plan === undefined || plan.report.findings.some((it) => it.code === "failsafe-gap")) return [];
  const { snapshot } = plan;
  const flows = prepareProof(snapshot, settings)
    .flows.map((it) => it.flow)
    .filter((it) => canBeFailsafe(it) && it.state === undefined);
  const fix = failsafeFix(snapshot, flows);
  if (fix === undefined) return [];
  return [
    {
      severity: "info",
      code: "failsafes-incomplete",
      object: fix.object,
      message: `a policy could cut these essential flows, because no failsafe keeps them open: ${fix.missing.join(", ")}`,
      fix: fix.command,
    },
  ];
};
