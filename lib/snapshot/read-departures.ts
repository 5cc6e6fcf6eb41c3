import { GatewayError } from "../model/errors.ts";
import type { HostEndpoint } from "../model/host-endpoint.ts";
import type { Node } from "../model/node.ts";
import { PROVIDER_ID_ANNOTATION } from "../names/names.ts";
import type { InstanceReader } from "../ports/aws.ts";
import { instanceIdOf } from "./resolve-instances.ts";

export type DepartureRequest = {
  readonly hostEndpoints: readonly HostEndpoint[];
  readonly absentNodes: readonly string[];
  readonly nodes: readonly Node[];
};

/** Machines of living Nodes that EC2 is asked about as well. */
const WITNESSES = 3;

/**
 * Which machines of endpoints without a Node are gone, in EC2's own word: terminated, on their way there (an instance never comes
 * back from `shutting-down`), or unknown. That EC2 does not know a machine proves something only where it knows the machine of a
 * living Node: another account or region knows nobody. What EC2 cannot be asked about is proven by nothing.
 */
export async function readDepartures(
  { hostEndpoints, absentNodes, nodes }: DepartureRequest,
  reader: InstanceReader | undefined,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const absent = new Set(absentNodes);
  const ids = [
    ...new Set(hostEndpoints.filter((it) => absent.has(it.node)).flatMap((it) => instanceIdFor(it) ?? [])),
  ];
  if (ids.length === 0 || reader === undefined) return new Set();
  const witnesses = nodes
    .filter((it) => it.ready === "True" && !it.deleting)
    .flatMap((it) => instanceIdOf(it.providerId) ?? [])
    .slice(0, WITNESSES);
  try {
    const found = await reader.describeInstances([...ids, ...witnesses], signal);
    const states = new Map(found.map((it) => [it.instanceId, it.state]));
    const isCredible = witnesses.some((it) => states.get(it) === "running");
    return new Set(
      ids.filter((it) => {
        const state = states.get(it);
        return state === undefined ? isCredible : state === "terminated" || state === "shutting-down";
      }),
    );
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return new Set();
  }
}

/** The instance that an endpoint was made for. */
export function instanceIdFor(endpoint: Pick<HostEndpoint, "annotations">): string | undefined {
  return instanceIdOf(endpoint.annotations[PROVIDER_ID_ANNOTATION]);
}
