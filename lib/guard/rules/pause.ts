import { nothingAgainst, type Rule } from "../rule.ts";

/** Nothing is written while Calico's datastore is moving, locked, or not known (docs/calico.md 1.1). */
export const pauseRule: Rule = ({ snapshot }) => {
  const pause = snapshot.cluster.paused;
  if (pause === undefined) return { judge: nothingAgainst, findings: [] };
  return {
    judge: () => pause,
    findings: [
      {
        severity: "warning",
        code: pause.reason,
        object: "Cluster/calico",
        message: pause.detail,
        fix: pause.fix,
      },
    ],
  };
};
