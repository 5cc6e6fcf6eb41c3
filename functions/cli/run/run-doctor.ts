import { diagnose, examineWorld, unreachable } from "../../../lib/doctor/diagnose.ts";
import type { Diagnosis, Hop } from "../../../lib/doctor/diagnosis.ts";
import { GatewayError, UnreachableError } from "../../../lib/model/errors.ts";
import { reconcile } from "../../../lib/reconcile/reconcile.ts";
import type { Settings } from "../../../lib/config/settings.ts";
import type { InstallationReader } from "../../../lib/ports/aws.ts";
import { clusterPorts } from "../../shared/cluster-ports.ts";
import { clock } from "../../shared/compose-cli.ts";
import type { CliContext, Invocation } from "../arguments/command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatDiagnosis } from "../output/format-diagnosis.ts";
import { printResult } from "../output/print-result.ts";
import { untestedHops } from "./untested-hops.ts";
import { whereabouts, withCluster } from "./with-cluster.ts";
import { withReader } from "./with-reader.ts";

export async function runDoctor(invocation: Invocation, context: CliContext): Promise<ExitCode> {
  const diagnosis =
    invocation.list("world").length > 0
      ? await lookAtFiles(invocation, context)
      : await look(invocation, context);
  await printResult(diagnosis, invocation.global.output, context.terminal.out, formatDiagnosis);
  switch (diagnosis.status) {
    case "healthy":
      return EXIT.ok;
    case "findings":
      return EXIT.attention;
    case "unreachable":
      return EXIT.failed;
  }
}

/** Objects in files have no way in, no permissions and no calico-node: what is left is what they say of themselves. */
async function lookAtFiles(invocation: Invocation, context: CliContext): Promise<Diagnosis> {
  return withReader(
    invocation,
    context,
    async ({ settings, cluster, deadline, fileFindings }) =>
      examineWorld(
        settings,
        await reconcile(
          { triggers: [{ kind: "resync", source: "manual" }], mode: "plan" },
          { settings, cluster, clock },
          deadline(),
        ),
        fileFindings,
      ),
    "findings",
  );
}

async function look(invocation: Invocation, context: CliContext): Promise<Diagnosis> {
  const eks = invocation.global.cluster;
  const without: readonly Hop[] = eks === undefined ? ["describe-cluster"] : [];
  let connected = false;
  try {
    return await withCluster(invocation, context, async ({ settings, connection, deadline }) => {
      connected = true;
      const { endpoint: server, access } = connection;
      const probed = await connection.probe(deadline());
      const failure = probed.ok ? {} : { failure: { hop: probed.hop, message: probed.message } };
      const installation = await deployedInstallation(invocation, context, settings);
      const ports = { settings, ...clusterPorts(connection), access, clock, ...installation };
      const untested = untestedHops(connection.way);
      return diagnose({ server, without, untested, ...failure }, ports, deadline());
    });
  } catch (error) {
    if (connected || !(error instanceof GatewayError)) throw error;
    const credentials =
      eks === undefined || (error instanceof UnreachableError && error.layer === "credentials");
    const hop = credentials ? "credentials" : "describe-cluster";
    return unreachable({ server: "", without, failure: { hop, message: error.message } });
  }
}

/** What is deployed is asked of AWS only when the person came by way of AWS. */
async function deployedInstallation(
  { global }: Invocation,
  { environment }: CliContext,
  settings: Settings,
): Promise<{ readonly installation?: InstallationReader }> {
  const where = whereabouts(global, environment, settings);
  if (where.kind !== "eks") return {};
  const { id, autoScalingGroups, lifecycle } = settings;
  const { managedNodeGroups } = lifecycle;
  const { openInstallation } = await import("../../shared/compose-eks.ts");
  return {
    installation: await openInstallation({ ...where, id, autoScalingGroups, managedNodeGroups }, clock),
  };
}
