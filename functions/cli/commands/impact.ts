import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";
import { worldOptions } from "./options.ts";

export const impactCommand: CommandDefinition = {
  name: "impact",
  summary: "what a change of policies would do to the nodes, before it is applied",
  description:
    "Compares the cluster as it is with the cluster as it would be after the files were applied: essential flows that would\n" +
    "be cut (by the same proof that guards every write), all other traffic that changes with an example of each kind,\n" +
    "policies that start or stop to select nodes, objects that Felix could not digest. Writes nothing.\n" +
    "Files are applied in the order in which they are given: policies, tiers, network sets, FelixConfigurations, HostEndpoints.",
  options: [
    {
      flags: "-f, --filename <file>",
      description: "objects to be applied, as people write them; may be given more than once, - is stdin",
      repeatable: true,
    },
    {
      flags: "-R, --recursive <dir>",
      description: "all .yaml, .yml and .json files below the directory, sorted; may be given more than once",
      repeatable: true,
    },
    {
      flags: "--delete <kind/name>",
      description: "an object that is deleted after that; may be given more than once",
      repeatable: true,
    },
    ...worldOptions,
    { flags: "--staged", description: "staged global network policies count as enforced" },
    {
      flags: "--as <program>",
      description: "who applies the files, and so fills in missing types: calicoctl or kubectl",
      choices: ["calicoctl", "kubectl"],
    },
    {
      flags: "--detailed-exitcode",
      description: "exit with 2 when some flow changes and none essential is cut",
    },
  ],
  outputs: ["markdown", "junit", "sarif"],
  examples: [
    { command: "hepctl impact -f policy.yaml", does: "A new policy against the live cluster" },
    {
      command: "hepctl impact --world dump.yaml -R policies -o markdown",
      does: "A folder of policies against a dump, as a comment for a merge request",
    },
    {
      command: "hepctl impact --world dump.yaml --delete GlobalNetworkPolicy/allow-ssh --detailed-exitcode",
      does: "What a deletion would cut; exit code 2 for any change",
    },
    { command: "hepctl impact -f -", does: "What kustomize build or helm template prints, by a pipe" },
  ],
  exitCodes: {
    0: "no essential flow would be cut",
    2: "some flow changes and none essential is cut (with --detailed-exitcode)",
    3: "an essential flow would be cut, or might be",
    1: "the cluster could not be read",
  },
  run: async (invocation, context) => {
    const { runImpact } = await import("../run/run-impact.ts");
    const { status } = await runImpact(invocation, context);
    switch (status) {
      case "cuts":
        return EXIT.attention;
      case "changes":
        return invocation.flag("detailed-exitcode") ? EXIT.changes : EXIT.ok;
      case "unchanged":
        return EXIT.ok;
    }
  },
};
