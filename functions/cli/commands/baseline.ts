import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";
import { worldOptions } from "./options.ts";

export const baselineCommand: CommandDefinition = {
  name: "baseline",
  summary: "print the failsafes and the policy that keep essential flows open",
  description:
    "Prints, ready for kubectl apply, what this cluster lacks so that every essential flow stays open even under default deny\n" +
    "(profiles: []): a FelixConfiguration whose failsafe lists keep your own entries, and one policy in a tier of its own that\n" +
    "only allows and passes everything else on. Writes nothing. Prints nothing but a note when nothing is lacking.",
  options: worldOptions,
  examples: [
    { command: "hepctl baseline", does: "For the current kubeconfig context" },
    { command: "hepctl baseline | kubectl apply -f -", does: "And apply it" },
    {
      command: "hepctl baseline --world cluster.yaml -o json",
      does: "For a cluster in files, as a JSON list",
    },
  ],
  exitCodes: { 0: "printed", 1: "the cluster could not be read" },
  run: async (invocation, context) => {
    const { runBaseline } = await import("../run/run-baseline.ts");
    await runBaseline(invocation, context);
    return EXIT.ok;
  },
};
