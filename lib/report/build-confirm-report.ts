import { ascending } from "../model/ascending.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import type { ActionOutcome } from "../model/outcome.ts";
import type { DeleteAction } from "../model/plan.ts";
import type { Report, Stage } from "../model/report.ts";
import { reportOutcome } from "./report-action.ts";

export type ConfirmReportRequest = {
  readonly group: CalicoGroup;
  readonly stage: Stage;
  /** RFC 3339. */
  readonly until: string;
  readonly waiting: readonly DeleteAction[];
  readonly outcomes: readonly ActionOutcome[];
};

/** What was confirmed, in the shape of every report: one update for each endpoint that may go now. */
export function buildConfirmReport({ group, stage, until, waiting, outcomes }: ConfirmReportRequest): Report {
  const actions = outcomes.map(reportOutcome).sort(ascending((it) => it.hostEndpoint));
  const of = (outcome: string) => actions.filter((it) => it.outcome === outcome).length;
  const [failed, confirmed] = [of("failed"), of("applied") + of("planned")];
  const gone = waiting.filter((it) => it.reason === "node-gone").length;
  return {
    status: failed === 0 ? "converged" : failed === actions.length ? "failed" : "partial",
    stage,
    group,
    counts: {
      nodes: new Set(actions.map((it) => it.node)).size,
      protected: 0,
      unprotected: 0,
      create: 0,
      update: confirmed,
      delete: 0,
      unchanged: 0,
      withheld: 0,
      failed,
      foreign: 0,
    },
    actions,
    nodes: [],
    findings: [
      {
        severity: "info",
        code: "deletes-confirmed",
        object: "Cluster/hostendpoints",
        message:
          actions.length === 0
            ? "no deletion waits for a person"
            : `${confirmed} deletions are confirmed until ${until}: ${gone} of nodes that the API server does not have, ${waiting.length - gone} of nodes that live and that no entry of \`endpoints\` wants`,
        fix:
          actions.length === 0
            ? "nothing to do"
            : "the next reconcile deletes them; until then, taking the annotation off an endpoint takes the word back",
      },
    ],
  };
}
