import { nothingAgainst, type Rule } from "../rule.ts";

/** A cluster without a single Node is more likely a broken answer than an empty cluster: nothing is deleted then. */
export const emptyClusterRule: Rule = ({ snapshot, plan }) => {
  const empty = snapshot.complete && snapshot.nodes.length === 0;
  const deletes = plan.actions.filter((it) => it.kind === "delete").length;
  if (!empty || deletes === 0) return { judge: nothingAgainst, findings: [] };
  const fix =
    'if the cluster is really empty, remove the endpoints with "hepctl release --yes", or by hand with kubectl';
  return {
    judge: (action) =>
      action.kind === "delete"
        ? { reason: "empty-cluster", detail: "the API server lists no Node at all: nothing is deleted", fix }
        : undefined,
    findings: [
      {
        severity: "error",
        code: "empty-cluster",
        object: "Cluster/nodes",
        message: `the API server lists no Node at all; ${deletes} deletions wait`,
        fix,
      },
    ],
  };
};
