import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT, exitCodeOf } from "../exit-codes.ts";
import { detailOptions, nodeOption } from "./options.ts";

export const planCommand: CommandDefinition = {
  name: "plan",
  summary: "show what a reconcile would change; writes nothing",
  description:
    "Reads the cluster, computes the HostEndpoint that every node should have, and shows what would be created,\n" +
    "updated or deleted, what would be withheld and why. Writes nothing.",
  options: [
    nodeOption,
    ...detailOptions,
    {
      flags: "--detailed-exitcode",
      description: "exit with 2 when there are changes, 3 when something is withheld",
    },
  ],
  examples: [
    { command: "hepctl plan", does: "The whole cluster, as the current kubeconfig context reaches it" },
    { command: "hepctl plan --node ip-10-0-1-5.ec2.internal", does: "One node" },
    {
      command: "hepctl plan --config infra/clusters/prod.yaml --cluster prod --region eu-west-1 -o json",
      does: "An EKS cluster with its settings, for a program",
    },
    { command: "hepctl plan --detailed-exitcode || echo drift", does: "In a pipeline" },
  ],
  exitCodes: {
    0: "planned",
    2: "changes (with --detailed-exitcode)",
    3: "something is withheld, or denied (with --detailed-exitcode)",
    1: "the cluster could not be read",
  },
  run: async (invocation, context) => {
    const { runPlan } = await import("../run/run-plan.ts");
    const report = await runPlan(invocation, context);
    if (!invocation.flag("detailed-exitcode")) return EXIT.ok;
    if (exitCodeOf(report) !== EXIT.ok) return EXIT.attention;
    return report.actions.length > 0 ? EXIT.changes : EXIT.ok;
  },
};
