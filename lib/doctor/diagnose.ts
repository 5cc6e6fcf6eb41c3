/**
 * Looks at the way to the cluster and at what is there, and says what a person should mend.
 *
 * In: where the way in failed, if it did; ports. Out: a `Diagnosis`. Writes nothing.
 * A new check is one pure function in `checks/` and one line in `CHECKS`.
 */
import { ascending } from "../model/ascending.ts";
import type { Settings } from "../config/settings.ts";
import type { Finding } from "../model/finding.ts";
import type { Reconciliation } from "../reconcile/reconcile.ts";
import type { CalicoAgent } from "../model/calico-agent.ts";
import type { Node } from "../model/node.ts";
import { covers } from "../policy/agent/covers.ts";
import { formatCalicoVersion } from "../policy/version/calico-version.ts";
import { calicoAgentsCheck } from "./checks/calico-agents.ts";
import { calicoNodeCheck, calicoVersionCheck } from "./checks/calico-node.ts";
import { calicoStateCheck } from "./checks/calico-state.ts";
import { installationCheck } from "./checks/check-installation.ts";
import { guardFindingsCheck } from "./checks/guard-findings.ts";
import { failsafesCheck } from "./checks/failsafes.ts";
import { felixEnvironmentCheck } from "./checks/felix-environment.ts";
import { networkCheck } from "./checks/network.ts";
import { nodePortsCheck } from "./checks/node-ports.ts";
import { permissionsCheck } from "./checks/permissions.ts";
import { selfSettableLabelsCheck } from "./checks/self-settable-labels.ts";
import { templatesCheck } from "./checks/templates.ts";
import { unreadCheck } from "./checks/unread.ts";
import {
  HOPS,
  hopResults,
  type DiagnosedAgent,
  type Diagnosis,
  type Hop,
  type HopFailure,
  type UntestedHops,
} from "./diagnosis.ts";
import type { Check, DoctorFacts } from "./facts.ts";
import { readFacts, type DoctorPorts } from "./read-facts.ts";

const CHECKS: readonly Check[] = [
  permissionsCheck,
  unreadCheck,
  calicoStateCheck,
  calicoNodeCheck,
  calicoAgentsCheck,
  guardFindingsCheck,
  failsafesCheck,
  felixEnvironmentCheck,
  networkCheck,
  selfSettableLabelsCheck,
  nodePortsCheck,
  templatesCheck,
  installationCheck,
];

/** What needs no cluster behind the objects. */
const WORLD_CHECKS: readonly Check[] = [
  calicoVersionCheck,
  calicoAgentsCheck,
  guardFindingsCheck,
  failsafesCheck,
  felixEnvironmentCheck,
  selfSettableLabelsCheck,
  nodePortsCheck,
  templatesCheck,
];

export type DiagnoseRequest = {
  readonly server: string;
  /** The first hop that failed. `authorization` does not keep us from looking. */
  readonly failure?: HopFailure;
  /** Hops that this way in does not have. */
  readonly without: readonly Hop[];
  /** Hops that nobody looked at. Default: none. */
  readonly untested?: UntestedHops;
};

/** Reads the cluster and applies every check. Throws nothing that a person could mend. */
export async function diagnose(
  request: DiagnoseRequest,
  ports: DoctorPorts,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const { failure } = request;
  if (failure !== undefined && failure.hop !== "authorization")
    return lookFromOutside({ ...request, failure }, ports, signal);
  return examine(request, await readFacts(ports, signal));
}

/** A private endpoint hides the cluster from here, not from AWS: what is deployed can still be looked at. */
async function lookFromOutside(
  request: DiagnoseRequest & { readonly failure: HopFailure },
  { settings, installation }: DoctorPorts,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const diagnosis = unreachable(request);
  if (installation === undefined) return diagnosis;
  const found = installationCheck({ settings, installation: await installation.read(signal) });
  return { ...diagnosis, findings: [...diagnosis.findings, ...[...found].sort(byObject)] };
}

/** The diagnosis when there was no way in. */
export function unreachable(request: DiagnoseRequest & { readonly failure: HopFailure }): Diagnosis {
  const { server, failure, without, untested } = request;
  return {
    status: "unreachable",
    server,
    hops: hopResults(failure, without, untested),
    kubernetes: { version: "", user: "", groups: [] },
    calico: { group: "", version: "", nodeImage: "", agents: [] },
    permissions: { asked: 0, granted: 0 },
    nodes: { total: 0, protected: 0 },
    findings: [
      {
        severity: "error",
        code: `${failure.hop}-failed`,
        object: `Cluster/${server === "" ? "unknown" : server}`,
        message: failure.message,
        fix: "",
      },
    ],
  };
}

/** What objects in files say of themselves, without a cluster behind them. Pure. `fileFindings`: what became of objects on reading. */
export function examineWorld(
  settings: Settings,
  plan: Pick<Reconciliation, "report" | "snapshot">,
  fileFindings: readonly Finding[] = [],
): Diagnosis {
  const facts: DoctorFacts = {
    settings,
    kubernetesVersion: "",
    identity: { user: "", groups: [] },
    permissions: [],
    calico: plan.snapshot.calico,
    plan,
    unread: [],
  };
  const diagnosis = examine({ server: "", without: HOPS }, facts);
  const findings = [...WORLD_CHECKS.flatMap((check) => check(facts)), ...fileFindings].sort(byObject);
  return {
    ...diagnosis,
    findings,
    status: findings.some((it) => it.severity !== "info") ? "findings" : "healthy",
  };
}

/** Pure. */
export function examine(
  { server, failure, without, untested }: DiagnoseRequest,
  facts: DoctorFacts,
): Diagnosis {
  const findings = CHECKS.flatMap((check) => check(facts)).sort(byObject);
  const agents = facts.calico?.agents ?? [];
  return {
    status: findings.some((it) => it.severity !== "info") ? "findings" : "healthy",
    server,
    hops: hopResults(failure, without, untested),
    kubernetes: { version: facts.kubernetesVersion, ...facts.identity },
    calico: {
      group: facts.plan?.snapshot.group ?? "",
      version: facts.calico?.stated ?? "",
      nodeImage: agents[0]?.image ?? "",
      agents: agents.map((it) => diagnoseAgent(it, facts.plan?.snapshot.nodes ?? [])),
    },
    permissions: {
      asked: facts.permissions.length,
      granted: facts.permissions.filter((it) => it.allowed).length,
    },
    nodes: {
      total: facts.plan?.report.counts.nodes ?? 0,
      protected: facts.plan?.report.counts.protected ?? 0,
    },
    findings,
  };
}

function diagnoseAgent(agent: CalicoAgent, nodes: readonly Node[]): DiagnosedAgent {
  const { namespace, name, image, version, rollout } = agent;
  return {
    namespace,
    name,
    image,
    version: version === undefined ? "" : formatCalicoVersion(version),
    covers: nodes.filter((it) => covers(agent.placement, it) !== "no").length,
    desired: rollout.desired,
    ready: rollout.ready,
  };
}

const byObject = ascending<Finding>(
  (it) => it.object,
  (it) => it.code,
  (it) => it.message,
);
