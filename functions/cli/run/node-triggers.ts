import { UsageError } from "../../../lib/model/errors.ts";
import type { Trigger } from "../../../lib/model/trigger.ts";

const nodeName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** `--node` -> where to look; without any, everywhere. @throws UsageError for what can be no node's name. */
export function nodeTriggers(nodes: readonly string[]): readonly Trigger[] {
  const wrong = nodes.find((it) => !nodeName.test(it));
  if (wrong !== undefined)
    throw new UsageError(
      `--node "${wrong}" cannot be the name of a Node; names are as "kubectl get nodes" prints them`,
    );
  return nodes.length === 0 ? [{ kind: "resync", source: "manual" }] : [{ kind: "nodes", nodes }];
}
