/**
 * Where to look, from why we woke.
 *
 * In: the triggers of one batch, in any order and number. Out: one scope for all of them, sorted, without repetitions.
 * Must never happen: a scope that leaves out a Node that a trigger points at.
 */
import type { Scope } from "../model/scope.ts";
import type { InstanceTrigger, Trigger } from "../model/trigger.ts";

/** Any resync widens to the cluster. An instance on its way into a warm pool has no Node to look at. */
export function scopeOf(triggers: readonly Trigger[]): Scope {
  const nodes = new Set<string>();
  const instances = new Set<string>();
  let isWhole = false;
  for (const trigger of triggers) {
    switch (trigger.kind) {
      case "resync":
        isWhole = true;
        break;
      case "nodes":
        for (const node of trigger.nodes) nodes.add(node);
        break;
      case "instance":
        if (!movesIntoWarmPool(trigger)) instances.add(trigger.instanceId);
        break;
    }
  }
  if (isWhole)
    return instances.size === 0 ? { kind: "cluster" } : { kind: "cluster", instances: [...instances].sort() };
  return { kind: "nodes", nodes: [...nodes].sort(), instances: [...instances].sort() };
}

/**
 * A launch whose destination is a warm pool makes no Node yet, and a terminate whose destination is a warm pool
 * is no termination (docs/aws.md 3.2, "Warm pool flow").
 */
export function movesIntoWarmPool(trigger: InstanceTrigger): boolean {
  return trigger.hook?.destination === "WarmPool";
}
