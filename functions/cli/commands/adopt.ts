import type { CommandDefinition } from "../arguments/command.ts";
import { acceptLooseningOption, yesOption } from "./options.ts";

const others = ["auto", "operator", "manual"];

export const adoptCommand: CommandDefinition = {
  name: "adopt",
  summary: "take HostEndpoints over from somebody else, or give ours back",
  description:
    "Makes endpoints of Calico's own controller (auto), of hostendpoint-operator (operator) or of a person (manual) ours, in place:\n" +
    "one write each makes them what the settings want, and drops the label by which Calico deletes its own. --to gives ours back.\n" +
    "Shows the plan first; run again, it goes on where it was stopped. What would open a flow that is denied now is withheld.\n" +
    "docs/moving.md is the whole way, over and back.",
  arguments: [
    {
      syntax: "[name...]",
      description: "HostEndpoints, also as `kubectl get hostendpoints -o name` prints them",
    },
  ],
  options: [
    { flags: "--from <who>", description: "who made them", choices: others },
    { flags: "--to <who>", description: "who is to have ours", choices: others },
    { flags: "--all", description: "every one that --from made; with --to all of ours" },
    {
      flags: "--selector <selector>",
      description: "a Calico selector over labels of endpoints, instead of names",
    },
    { flags: "--orphans", description: "remove endpoints of others whose Node is gone, each proven anew" },
    {
      flags: "--wait <duration>",
      description:
        "with --from auto: until Calico is switched off, looking after nodes that are born meanwhile",
    },
    acceptLooseningOption,
    yesOption,
  ],
  examples: [
    { command: "hepctl adopt --from auto --all --config prod.yaml", does: "Calico's automatic endpoints" },
    { command: "hepctl adopt --from operator --all --config prod.yaml", does: "hostendpoint-operator's" },
    { command: "hepctl adopt my-endpoint", does: "One by name: show what would change, and ask" },
    { command: "hepctl adopt --to auto --all", does: "And back" },
    { command: "hepctl adopt --orphans", does: "What others left behind for nodes that are gone" },
  ],
  exitCodes: { 0: "all are as asked", 1: "failed", 3: "partial, or withheld" },
  run: async (invocation, context) => {
    const { runAdopt } = await import("../run/run-adopt.ts");
    return runAdopt(invocation, context);
  },
};
