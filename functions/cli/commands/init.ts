import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";

export const initCommand: CommandDefinition = {
  name: "init",
  summary: "write the first settings file of an EKS cluster",
  description:
    "Asks EKS about the cluster that --cluster names and writes the settings that a deployment needs: account, region, and the\n" +
    "VPC when the endpoint is private; its Auto Scaling groups as comments. Where AWS does not answer, the file has the minimum,\n" +
    "and what to fill in is said. In a clone the file is infra/clusters/NAME.yaml, elsewhere ./NAME.yaml. Never overwrites.",
  options: [{ flags: "--out <file>", description: "write this file instead; - is stdout" }],
  examples: [
    {
      command: "hepctl init --cluster prod --region eu-west-1",
      does: "The settings of cluster prod, with the credentials of this shell",
    },
    { command: "hepctl init --cluster prod --profile platform", does: "With an AWS profile, in its region" },
  ],
  exitCodes: { 0: "written", 1: "there is no such cluster" },
  run: async (invocation, context) => {
    const { runInit } = await import("../run/run-init.ts");
    await runInit(invocation, context);
    return EXIT.ok;
  },
};
