import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";
import { worldOption } from "./options.ts";

export const simulateCommand: CommandDefinition = {
  name: "simulate",
  summary: "what Calico would do to flows: allow, deny or unknown, and why",
  description:
    "Asks Calico's own decision procedure about new connections, in a world of files (no cluster is touched) or in the live\n" +
    "cluster. Objects of v1 and v3 may be mixed; kinds that do not decide are ignored with a note on stderr. A DaemonSet\n" +
    "calico-node decides too: its FELIX_ variables beat every FelixConfiguration.",
  options: [
    worldOption,
    { flags: "--flows <file>", description: "flows: a JSON array or JSON lines; - is stdin" },
  ],
  examples: [
    { command: "hepctl simulate --world cluster.yaml --flows flows.json", does: "Offline, from files" },
    {
      command: "hepctl simulate --world cluster.yaml --world new-policy.yaml --flows flows.jsonl -o json",
      does: "With a policy that is not there yet, for a program",
    },
    {
      command: "hepctl simulate --cluster prod --region eu-west-1 --flows flows.json",
      does: "In a live cluster",
    },
  ],
  exitCodes: { 0: "answered", 1: "the cluster could not be read" },
  run: async (invocation, context) => {
    const { runSimulate } = await import("../run/run-simulate.ts");
    await runSimulate(invocation, context);
    return EXIT.ok;
  },
};
