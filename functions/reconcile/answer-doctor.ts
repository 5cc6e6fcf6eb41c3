/**
 * `{"action":"doctor"}`: the same diagnosis as on the command line, from where the function stands: its network, its role,
 * its access entry. Throws nothing that a person could mend; that is what the diagnosis says.
 */
import { diagnose, unreachable } from "../../lib/doctor/diagnose.ts";
import type { Diagnosis } from "../../lib/doctor/diagnosis.ts";
import { GatewayError, UnreachableError } from "../../lib/model/errors.ts";
import { clusterPorts } from "../shared/cluster-ports.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { Invocation } from "../shared/shell.ts";

export async function answerDoctor(ports: FunctionPorts, { signal }: Invocation): Promise<Diagnosis> {
  const { settings, clock } = ports;
  let connected = false;
  try {
    return await ports.cluster.use(async (connection) => {
      connected = true;
      const { endpoint: server, access, probe } = connection;
      const probed = await probe(signal);
      const failure = probed.ok ? {} : { failure: { hop: probed.hop, message: probed.message } };
      return diagnose(
        { server, without: [], ...failure },
        { settings, ...clusterPorts(connection), access, clock },
        signal,
      );
    }, signal);
  } catch (error) {
    if (connected || !(error instanceof GatewayError)) throw error;
    const isCredentials = error instanceof UnreachableError && error.layer === "credentials";
    const hop = isCredentials ? "credentials" : "describe-cluster";
    return unreachable({ server: "", without: [], failure: { hop, message: error.message } });
  }
}
