import type { CommandDefinition } from "../arguments/command.ts";
import { nodeOption, yesOption } from "./options.ts";

export const releaseCommand: CommandDefinition = {
  name: "release",
  summary: "break-glass: give traffic back, then remove what we own",
  description:
    "Puts the allow profile on every HostEndpoint that we own, then deletes them. Foreign endpoints are not touched.\n" +
    "A deployed reconciler would put them back: `hepctl invoke release` also keeps its scheduled runs off.",
  options: [nodeOption, yesOption],
  examples: [
    { command: "hepctl release --yes", does: "The whole cluster, at once" },
    {
      command: "hepctl release --node ip-10-0-1-5.ec2.internal",
      does: "Show what one node would lose, and ask",
    },
  ],
  exitCodes: { 0: "released", 1: "failed", 3: "partial" },
  run: async (invocation, context) => {
    const { runRelease } = await import("../run/run-release.ts");
    return runRelease(invocation, context);
  },
};
