import { nothingAgainst, type Rule } from "../rule.ts";

/**
 * Calico's own controller makes endpoints for every node too. Two owners of one node end with one of them inert, and
 * switching autoCreate off later deletes all of Calico's at once; so we create nothing beside it.
 */
export const autoCreationRule: Rule = ({ snapshot }) => {
  if (!snapshot.cluster.autoHostEndpoints) return { judge: nothingAgainst, findings: [] };
  const fix =
    'take the automatic endpoints over without a gap: "hepctl import" prints settings that keep their names, "hepctl adopt --from auto --all" takes them, then set autoCreate to Disabled';
  return {
    judge: (action) =>
      action.kind === "create"
        ? {
            reason: "calico-auto-host-endpoints",
            detail: "Calico's kube-controllers creates host endpoints itself (autoCreate: Enabled)",
            fix,
          }
        : undefined,
    findings: [
      {
        severity: "error",
        code: "calico-auto-host-endpoints",
        object: "KubeControllersConfiguration/default",
        message: "autoCreate is Enabled: Calico's own controller makes host endpoints for the same nodes",
        fix,
      },
    ],
  };
};
