import type { CommandDefinition } from "../arguments/command.ts";

export const versionCommand: CommandDefinition = {
  name: "version",
  summary: "print the versions of hepctl, the cluster and Calico",
  description:
    "Prints the version of hepctl and the commit that it was bundled from, and, as far as the cluster can be reached, the\n" +
    "versions of its API server and of Calico.",
  options: [{ flags: "--client", description: "only hepctl's own; asks no cluster" }],
  examples: [
    { command: "hepctl version", does: "All of them" },
    { command: "hepctl version --client -o json", does: "Its own, for a program" },
  ],
  exitCodes: { 1: "the cluster was not reached; hepctl's own version is printed all the same" },
  run: async (invocation, context) => {
    const { runVersion } = await import("../run/run-version.ts");
    return runVersion(invocation, context);
  },
};
