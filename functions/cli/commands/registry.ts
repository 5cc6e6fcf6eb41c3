import type { CommandDefinition } from "../arguments/command.ts";
import { adoptCommand } from "./adopt.ts";
import { baselineCommand } from "./baseline.ts";
import { completeCommand, completionCommand } from "./completion.ts";
import { confirmDeletesCommand } from "./confirm-deletes.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { impactCommand } from "./impact.ts";
import { importCommand } from "./import.ts";
import { initCommand } from "./init.ts";
import { invokeCommand } from "./invoke.ts";
import { planCommand } from "./plan.ts";
import { rbacCommand } from "./rbac.ts";
import { reconcileCommand } from "./reconcile.ts";
import { releaseCommand } from "./release.ts";
import { simulateCommand } from "./simulate.ts";
import { versionCommand } from "./version.ts";

/** All commands, in the order in which help lists them. A new one is a file beside this one, and a line here. */
export const commands: readonly CommandDefinition[] = [
  planCommand,
  reconcileCommand,
  confirmDeletesCommand,
  explainCommand,
  simulateCommand,
  impactCommand,
  doctorCommand,
  baselineCommand,
  adoptCommand,
  importCommand,
  initCommand,
  rbacCommand,
  releaseCommand,
  invokeCommand,
  versionCommand,
  completionCommand,
  completeCommand,
];
