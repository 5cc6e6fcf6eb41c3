import type { CommandDefinition } from "../arguments/command.ts";
import { nodeOption, yesOption } from "./options.ts";

export const invokeCommand: CommandDefinition = {
  name: "invoke",
  summary: "call the deployed Lambda function and print its answer",
  description:
    "Calls the function of the cluster that --cluster or the settings name, waits, and prints what the local command would.\n" +
    "`release` calls the break-glass function, which also keeps scheduled runs off until `rearm`.\n" +
    "`remove-hooks` has it take our lifecycle hooks away, as `npm run destroy` does, without harm to a machine that waits.",
  arguments: [
    {
      syntax: "<action>",
      description: "what to ask for",
      choices: [
        "plan",
        "reconcile",
        "doctor",
        "explain",
        "confirm-deletes",
        "hooks",
        "release",
        "rearm",
        "remove-hooks",
      ],
    },
  ],
  options: [
    nodeOption,
    { flags: "--until <time>", description: "of confirm-deletes: how long it holds, such as 1h" },
    { flags: "--reason <text>", description: "why; it stands in the function's log" },
    { flags: "--function <name>", description: "name of the function (default: as the stack names it)" },
    {
      flags: "--unwanted",
      description: "remove-hooks: only those that the settings of --config no longer want",
    },
    yesOption,
  ],
  examples: [
    {
      command: "hepctl invoke plan --cluster prod --region eu-west-1",
      does: "What the deployed function would change",
    },
    {
      command: "hepctl invoke reconcile --config infra/clusters/prod.yaml --node ip-10-0-1-5.ec2.internal",
      does: "One node, now",
    },
    { command: "hepctl invoke release --config infra/clusters/prod.yaml --yes", does: "Break-glass" },
  ],
  exitCodes: { 0: "converged", 1: "failed", 3: "partial, withheld, or findings" },
  run: async (invocation, context) => {
    const { runInvoke } = await import("../run/run-invoke.ts");
    return runInvoke(invocation, context);
  },
};
