import { adopt, type AdoptRequest } from "../../../lib/adopt/adopt.ts";
import type { Report } from "../../../lib/model/report.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import { readClusterState } from "../../../lib/snapshot/read-cluster-state.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { Session } from "./with-cluster.ts";

const PAUSE_MILLISECONDS = 1_000;

/**
 * The last step of a move from Calico's automatic endpoints: while Calico is not switched off, what it makes for new nodes is taken
 * over as it appears; then one run makes what it deleted before that.
 */
export async function finishMove(
  report: Report,
  request: Omit<AdoptRequest, "mode">,
  session: Session,
  waitMilliseconds: number,
): Promise<Report> {
  const { settings, connection, log } = session;
  const ports = { settings, ...clusterPorts(connection) };
  const step = report.findings.find((it) => it.code === "switch-off");
  if (step !== undefined) log.info(`${step.message}: ${step.fix}`);
  const until = clock.now() + waitMilliseconds;
  let last: Report;
  for (;;) {
    const { state } = await readClusterState(connection.gateway, session.deadline());
    last = await adopt({ ...request, mode: "apply" }, ports, session.deadline());
    if (!state.autoHostEndpoints) break;
    if (clock.now() >= until) return last;
    await clock.sleep(PAUSE_MILLISECONDS, session.interruption.asked);
  }
  const { report: run } = await reconcile(
    { triggers: [{ kind: "resync", source: "manual" }], mode: "apply" },
    { ...ports, clock },
    session.deadline(),
  );
  return {
    ...run,
    actions: [...last.actions.filter((it) => it.outcome !== "no-longer-needed"), ...run.actions],
  };
}
