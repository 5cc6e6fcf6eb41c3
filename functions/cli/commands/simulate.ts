import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";
import { worldOptions } from "./options.ts";

export const simulateCommand: CommandDefinition = {
  name: "simulate",
  summary: "what Calico would do to flows: allow, deny or unknown, and why",
  description:
    "Asks Calico's own decision procedure about new connections, in a world of files (no cluster is touched) or in the live\n" +
    "cluster. Objects of v1 and v3 may be mixed; kinds that do not decide are ignored with a note on stderr. A DaemonSet\n" +
    "calico-node decides too: its FELIX_ variables beat every FelixConfiguration.",
  options: [
    ...worldOptions,
    { flags: "--flows <file>", description: "flows: a JSON array or JSON lines; - is stdin" },
    {
      flags: "--expect",
      description: 'compare with the "expect" of each flow: allow, deny or unknown; -o junit for CI servers',
    },
  ],
  examples: [
    { command: "hepctl simulate --world cluster.yaml --flows flows.json", does: "Offline, from files" },
    {
      command: "hepctl simulate --world cluster.yaml --world new-policy.yaml --flows flows.jsonl -o json",
      does: "With a policy that is not there yet, for a program",
    },
    {
      command: "hepctl simulate --world cluster.yaml --flows tests.jsonl --expect",
      does: "Tests of policies in a repository: exit code 3 when a verdict is not as expected",
    },
    {
      command: "hepctl simulate --cluster prod --region eu-west-1 --flows flows.json",
      does: "In a live cluster",
    },
  ],
  outputs: ["junit"],
  exitCodes: {
    0: "answered",
    1: "the cluster could not be read",
    3: "a verdict is not as expected (with --expect)",
  },
  run: async (invocation, context) => {
    const { runSimulate } = await import("../run/run-simulate.ts");
    const verdicts = await runSimulate(invocation, context);
    return verdicts === "differs" ? EXIT.attention : EXIT.ok;
  },
};
