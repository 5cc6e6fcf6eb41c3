import type { FunctionPorts } from "../shared/compose.ts";
import { shell, type ShellOptions } from "../shared/shell.ts";
import { answerEvent } from "./answer-event.ts";

/** The reconciling function around any ports: the deployed ones in `handler.ts`, local ones in the demo and in tests. */
export function createReconcileHandler(ports: FunctionPorts, log?: ShellOptions<unknown>["log"]) {
  return shell({
    name: "reconcile",
    level: ports.settings.logLevel,
    handle: (event, invocation) => answerEvent(event, ports, invocation),
    ...(log === undefined ? {} : { log }),
  });
}
