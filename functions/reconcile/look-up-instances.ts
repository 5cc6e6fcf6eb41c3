/**
 * One look at EC2 for a whole batch: whose machines are these? Everything after it takes the instances from here.
 *
 * In: the triggers that name an instance. Out: for each id, what EC2 says and whose it is.
 */
import { whoseInstance, type InstanceOwner } from "../../lib/lifecycle/whose-instance.ts";
import type { Instance } from "../../lib/model/instance.ts";
import type { InstanceTrigger } from "../../lib/model/trigger.ts";
import type { InstanceReader } from "../../lib/ports/aws.ts";
import type { NodeNames } from "../../lib/ports/node-names.ts";
import type { FunctionPorts } from "../shared/compose.ts";

export type LookedUp = {
  /** RFC 3339; undefined when EC2 does not know the machine. */
  readonly launchedAtOf: (trigger: InstanceTrigger) => string | undefined;
  readonly ownerOf: (trigger: InstanceTrigger) => InstanceOwner;
  /** Answers what was looked up already, and asks EC2 for the rest. */
  readonly instances: InstanceReader;
};

/** @throws errors of `model/errors.ts` when EC2 does not answer. */
export async function lookUpInstances(
  triggers: readonly InstanceTrigger[],
  names: NodeNames,
  { instances, settings, cluster }: Pick<FunctionPorts, "instances" | "settings" | "cluster">,
  signal: AbortSignal,
): Promise<LookedUp> {
  const asked = new Set(triggers.map((it) => it.instanceId));
  const found = asked.size === 0 ? [] : await instances.describeInstances([...asked], signal);
  const byId = new Map<string, Instance>(found.map((it) => [it.instanceId, it]));
  return {
    launchedAtOf: ({ instanceId }) => byId.get(instanceId)?.launchedAt,
    ownerOf: ({ instanceId, hook }) =>
      whoseInstance(byId.get(instanceId), {
        cluster: settings.cluster.name,
        autoScalingGroups: settings.autoScalingGroups,
        securityGroup: cluster.securityGroup?.(),
        isSeen: names.nameOf(instanceId) !== undefined,
        group: hook?.autoScalingGroup,
      }),
    instances: {
      describeInstances: async (ids, innerSignal, age) => {
        const rest = ids.filter((it) => !asked.has(it));
        const known = ids.flatMap((it) => byId.get(it) ?? []);
        return rest.length === 0
          ? known
          : [...known, ...(await instances.describeInstances(rest, innerSignal, age))];
      },
    },
  };
}
