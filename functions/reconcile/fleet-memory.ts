/**
 * What a warm container remembers of the last look at the whole cluster: which instance is which Node.
 *
 * In: snapshots. Out: names to look for, and evidence that a machine is ours. A hint, never a fact that something is decided by:
 * another container may have looked since.
 */
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { PROVIDER_ID_ANNOTATION } from "../../lib/names/names.ts";
import type { NodeNames } from "../../lib/ports/node-names.ts";
import type { FunctionPorts } from "../shared/compose.ts";
import type { HooksMemory } from "./keep-hooks.ts";
import { instanceIdOf } from "../../lib/snapshot/resolve-instances.ts";

export type FleetMemory = NodeNames & {
  /** Forgets what was known before, when the snapshot is of the whole cluster; does nothing otherwise. */
  learn(snapshot: Pick<Snapshot, "complete" | "nodes" | "hostEndpoints">): void;
};

/** All that the reconciling function reaches, and what its container remembers. */
export type RememberingPorts = FunctionPorts & {
  readonly fleet: FleetMemory;
  readonly hooksMemory: HooksMemory;
};

/** EC2's two ways of naming a machine: by its address, and by its id (docs/aws.md 5). */
const PREDICTABLE = /^(ip-\d+(-\d+){3}|i-[0-9a-f]+)(\.|$)/;

export function fleetMemory(): FleetMemory {
  let names: ReadonlyMap<string, string> | undefined;
  let predictable = false;
  return {
    nameOf: (instanceId) => names?.get(instanceId),
    arePredictable: () => predictable,
    learn: ({ complete, nodes, hostEndpoints }) => {
      if (!complete) return;
      // A Node's own word comes last, so that it wins over what an endpoint remembers.
      names = new Map(
        [
          ...hostEndpoints.map(
            (it) => [instanceIdOf(it.annotations[PROVIDER_ID_ANNOTATION]), it.node] as const,
          ),
          ...nodes.map((it) => [instanceIdOf(it.providerId), it.name] as const),
        ].flatMap(([id, name]) => (id === undefined ? [] : [[id, name] as const])),
      );
      predictable = nodes.every(
        (it) => instanceIdOf(it.providerId) === undefined || PREDICTABLE.test(it.name),
      );
    },
  };
}
