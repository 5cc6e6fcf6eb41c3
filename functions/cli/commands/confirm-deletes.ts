import type { CommandDefinition } from "../arguments/command.ts";
import { nodeOption, yesOption } from "./options.ts";

export const confirmDeletesCommand: CommandDefinition = {
  name: "confirm-deletes",
  summary: "let deletions go that wait for a person",
  description:
    "Deletions over the budget, and those of endpoints whose node lives, wait until a person has looked. This shows them, asks,\n" +
    "and writes the word on each of these endpoints (annotation hostendpoint-reconciler/deletion-confirmed-until). The next run\n" +
    "deletes them, after a live look at each Node as always. What begins to wait later is not confirmed by it.",
  options: [
    {
      flags: "--until <time>",
      description: "how long it holds: 1h, 30m, or 2026-11-22T15:00:00Z; at most 24h",
    },
    nodeOption,
    yesOption,
  ],
  examples: [
    {
      command: "hepctl confirm-deletes --until 1h --config infra/clusters/prod.yaml",
      does: "Show all that wait, ask, confirm",
    },
    { command: "hepctl confirm-deletes --until 15m --node ip-10-0-1-5.ec2.internal --yes", does: "One node" },
  ],
  exitCodes: { 0: "confirmed, or nothing waits", 1: "failed", 3: "partial" },
  run: async (invocation, context) => {
    const { runConfirmDeletes } = await import("../run/run-confirm-deletes.ts");
    return runConfirmDeletes(invocation, context);
  },
};
