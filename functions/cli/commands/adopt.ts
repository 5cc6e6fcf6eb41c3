import type { CommandDefinition } from "../arguments/command.ts";
import { yesOption } from "./options.ts";

export const adoptCommand: CommandDefinition = {
  name: "adopt",
  summary: "take over HostEndpoints that are not ours, by name",
  description:
    "Sets our owner label on the named HostEndpoints and removes Calico's created-by label, so that Calico's own controller no\n" +
    "longer deletes them. The endpoint stays in force all the time; the next reconcile settles the rest, behind the guard.",
  arguments: [
    { syntax: "<name...>", description: "HostEndpoints, such as ip-10-0-1-5.ec2.internal-auto-hep" },
  ],
  options: [yesOption],
  examples: [
    {
      command: "hepctl adopt node1-auto-hep node2-auto-hep --yes",
      does: "Two of Calico's automatic endpoints",
    },
    { command: "hepctl adopt my-endpoint", does: "Show what would change, and ask" },
  ],
  exitCodes: { 0: "all are ours now", 1: "failed", 3: "partial, or withheld" },
  run: async (invocation, context) => {
    const { runAdopt } = await import("../run/run-adopt.ts");
    return runAdopt(invocation, context);
  },
};
