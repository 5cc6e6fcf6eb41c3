import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";
import { worldOptions } from "./options.ts";

export const explainCommand: CommandDefinition = {
  name: "explain",
  summary: "tell how a node gets its endpoints and which of them Felix uses",
  description:
    "One node or HostEndpoint: labels, template, endpoint; which of several endpoints wins and why; which policies select it,\n" +
    "in the order in which Felix asks them; what each essential flow gets and why.",
  options: worldOptions,
  arguments: [{ syntax: "<name>", description: "name of a Node or of a HostEndpoint" }],
  examples: [
    { command: "hepctl explain ip-10-0-1-5.ec2.internal", does: "A node" },
    { command: "hepctl explain node1-auto-hep -o json", does: "The node of a HostEndpoint, for a program" },
  ],
  exitCodes: { 0: "explained", 1: "there is no such node or endpoint, or the cluster could not be read" },
  run: async (invocation, context) => {
    const { runExplain } = await import("../run/run-explain.ts");
    await runExplain(invocation, context);
    return EXIT.ok;
  },
};
