import type { FunctionPorts } from "../shared/compose.ts";
import { shell, type ShellOptions } from "../shared/shell.ts";
import { fleetMemory } from "./fleet-memory.ts";
import { answerEvent } from "./answer-event.ts";

/** The reconciling function around any ports: the deployed ones in `handler.ts`, local ones in the demo and in tests. */
export function createReconcileHandler(ports: FunctionPorts, log?: ShellOptions<unknown>["log"]) {
  const remembering = { ...ports, fleet: fleetMemory(), hooksMemory: { isClean: false } };
  return shell({
    name: "reconcile",
    level: ports.settings.logLevel,
    handle: (event, invocation) => answerEvent(event, remembering, invocation),
    ...(log === undefined ? {} : { log }),
  });
}
