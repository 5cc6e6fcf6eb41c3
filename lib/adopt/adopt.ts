/**
 * Takes over host endpoints that are not ours, because a person asked for these by name.
 *
 * In: names. Out: a report of what was done. Only the owner label changes hands here (and Calico's created-by label goes);
 * everything else is settled by the next reconcile, behind the guard.
 * Must never happen: a write to an endpoint that nobody named, or over somebody else's change.
 */
import pLimit from "p-limit";
import { causeOf } from "../apply/failure.ts";
import type { Settings } from "../config/settings.ts";
import { endpointsWantedBy } from "../desired/build-desired.ts";
import type { CalicoGroup } from "../model/calico-group.ts";
import { ConflictError, GatewayError, NotFoundError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { DesiredHostEndpoint, HostEndpoint } from "../model/host-endpoint.ts";
import type { Report, ReportedAction } from "../model/report.ts";
import type { Pause } from "../model/snapshot.ts";
import { CALICO_CREATED_BY_LABEL, OWNER_LABEL } from "../names/names.ts";
import { driftOf } from "../plan/drift.ts";
import { foreignOwner, isOwned } from "../plan/ownership.ts";
import type { ClusterGateway } from "../ports/kubernetes.ts";
import { readClusterState } from "../snapshot/read-cluster-state.ts";
import { buildAdoptReport, type Adoption } from "./build-adopt-report.ts";

export type AdoptRequest = {
  /** Names of HostEndpoints. */
  readonly names: readonly string[];
  /** `plan` shows what would be written and writes nothing. */
  readonly mode: "apply" | "plan";
};
export type AdoptPorts = { readonly settings: Settings; readonly cluster: ClusterGateway };

/** How often one endpoint is read again when somebody else wrote in between. */
const MOST_ATTEMPTS = 4;

/** @throws an error of `model/errors.ts` when Calico's group could not be found. */
export async function adopt(
  request: AdoptRequest,
  { settings, cluster }: AdoptPorts,
  signal: AbortSignal,
): Promise<Report> {
  const { group, state } = await readClusterState(cluster, signal);
  const limit = pLimit(settings.limits.concurrency);
  const adoptions = await Promise.all(
    [...new Set(request.names)]
      .sort()
      .map((name) =>
        limit(() =>
          adoptOne(
            { name, mode: request.mode, group, pause: pauseOf(state.paused, settings) },
            settings,
            cluster,
            signal,
          ),
        ),
      ),
  );
  return buildAdoptReport({ group, stage: settings.stage, adoptions });
}

type OneRequest = {
  readonly name: string;
  readonly mode: AdoptRequest["mode"];
  readonly group: CalicoGroup;
  readonly pause: Withheld | undefined;
};
type Withheld = { readonly reason: string; readonly detail: string };

async function adoptOne(
  request: OneRequest,
  settings: Settings,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<Adoption> {
  const { name, group } = request;
  const unread = { action: "adopt", hostEndpoint: name, node: "", changes: [] } as const;
  try {
    for (let attempt = 1; ; attempt++) {
      const observed = await cluster.getHostEndpoint(group, name, signal);
      if (observed === undefined)
        return only({
          ...unread,
          outcome: "failed",
          reason: "not-found",
          detail: `there is no HostEndpoint/${name}; names are as "hepctl plan" prints them`,
        });
      const desired = adopted(observed, settings.id);
      const action = {
        action: "adopt",
        hostEndpoint: name,
        node: observed.node,
        changes: driftOf(observed, desired),
      } as const;
      if (isOwned(observed, settings.id))
        return only({
          ...action,
          outcome: "no-longer-needed",
          reason: "owned-already",
          detail: "it is ours already",
        });
      const findings = await foresee(observed, settings, cluster, signal);
      if (observed.skipped !== undefined)
        return only({
          ...action,
          outcome: "withheld",
          reason: "skipped-endpoint",
          detail: `Calico skips it, because its metadata annotation cannot be read (${observed.skipped.reason}); taken over, it would come into force unproven. Fix: delete it, the next reconcile makes the right one`,
        });
      if (request.pause !== undefined)
        return { action: { ...action, outcome: "withheld", ...request.pause }, findings };
      if (request.mode === "plan")
        return {
          action: { ...action, outcome: "planned", reason: foreignOwner(observed), detail: "" },
          findings,
        };
      try {
        await cluster.update(group, observed, desired, signal);
        return {
          action: { ...action, outcome: "applied", reason: foreignOwner(observed), detail: "" },
          findings,
        };
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !(error instanceof ConflictError || error instanceof NotFoundError))
          throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return only({ ...unread, outcome: "failed", reason: causeOf(error), detail: error.message });
  }
}

/** The same endpoint with our owner label and without the label by which Calico would delete it. */
function adopted(observed: HostEndpoint, owner: string): DesiredHostEndpoint {
  const { [CALICO_CREATED_BY_LABEL]: _calico, ...labels } = observed.labels;
  return {
    name: observed.name,
    node: observed.node,
    interfaceName: observed.interfaceName,
    expectedIPs: [...observed.expectedIPs].sort(),
    profiles: observed.profiles,
    labels: { ...labels, [OWNER_LABEL]: owner },
    annotations: {},
  };
}

/** What the next reconcile will do with it, when that is not what a person expects. */
async function foresee(
  observed: HostEndpoint,
  settings: Settings,
  cluster: ClusterGateway,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const object = `HostEndpoint/${observed.name}`;
  const other: readonly Finding[] =
    foreignOwner(observed) === "other-installation"
      ? [
          {
            severity: "warning",
            code: "other-installation",
            object,
            message: `it belongs to the installation "${observed.labels[OWNER_LABEL] ?? ""}", which will report it as foreign from now on`,
            fix: "see that the two installations select different nodes",
          },
        ]
      : [];
  const node = await cluster.getNode(observed.node, signal);
  if (
    node !== undefined &&
    endpointsWantedBy(node, settings.endpoints, settings.id).some((it) => it.name === observed.name)
  )
    return other;
  const message =
    node === undefined
      ? `its node ${observed.node} does not exist: the next reconcile deletes it`
      : `no entry of \`endpoints\` gives node ${observed.node} an endpoint of this name: the next reconcile deletes it`;
  const fix =
    node === undefined
      ? "nothing, when the node is gone for good"
      : 'add an entry with its name pattern to the settings before the next reconcile; "hepctl import" prints one for Calico\'s automatic endpoints';
  return [...other, { severity: "warning", code: "not-wanted", object, message, fix }];
}

function pauseOf(pause: Pause | undefined, settings: Settings): Withheld | undefined {
  if (pause !== undefined) return { reason: pause.reason, detail: `${pause.detail}. Fix: ${pause.fix}` };
  if (settings.stage !== "observe") return undefined;
  return {
    reason: "observe-stage",
    detail: "the stage is observe: nothing is written. Fix: set `stage: enforce` in the settings",
  };
}

function only(action: ReportedAction): Adoption {
  return { action, findings: [] };
}
