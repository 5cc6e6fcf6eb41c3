import type { CommandDefinition } from "../arguments/command.ts";
import { worldOptions } from "./options.ts";

export const doctorCommand: CommandDefinition = {
  name: "doctor",
  summary: "find what is wrong: access, RBAC, Calico, coexistence, settings",
  description:
    "Goes to the cluster hop by hop and names the first that fails, then looks at our permissions, at Calico's version and\n" +
    "rollout, at other owners of host endpoints and at the settings. With --cluster also at what is deployed in AWS: access\n" +
    "entry, lifecycle hooks, rules, queue, break-glass. Each finding comes with its fix. Writes nothing.",
  options: worldOptions,
  examples: [
    { command: "hepctl doctor", does: "The current kubeconfig context" },
    {
      command: "hepctl doctor --cluster prod --region eu-west-1",
      does: "An EKS cluster, and what is deployed for it in AWS",
    },
    {
      command: "hepctl doctor --config infra/clusters/prod.yaml -o json",
      does: "With the settings of a cluster, for a program",
    },
    {
      command: "hepctl doctor --world cluster.yaml",
      does: "Objects in files: failsafes, policies, objects that Felix cannot digest",
    },
  ],
  exitCodes: { 0: "nothing to mend", 1: "could not look", 3: "findings" },
  run: async (invocation, context) => {
    const { runDoctor } = await import("../run/run-doctor.ts");
    return runDoctor(invocation, context);
  },
};
