import type { CommandDefinition } from "../command.ts";
import { adoptCommand } from "./adopt.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { planCommand } from "./plan.ts";
import { reconcileCommand } from "./reconcile.ts";

/** All commands, in the order in which help lists them. */
export const commands: readonly CommandDefinition[] = [
  planCommand,
  reconcileCommand,
  doctorCommand,
  explainCommand,
  adoptCommand,
];
