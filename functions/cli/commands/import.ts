import type { CommandDefinition } from "../arguments/command.ts";
import { EXIT } from "../exit-codes.ts";

export const importCommand: CommandDefinition = {
  name: "import",
  summary: "print Calico's own host endpoint configuration as our settings",
  description:
    "Reads KubeControllersConfiguration/default and prints settings that give the same endpoints the same names, ready for\n" +
    "--config; comments say what has no equivalent. Writes nothing.",
  examples: [
    { command: "hepctl import > prod.yaml", does: "Save them, then look at what would change" },
    { command: "hepctl plan --config prod.yaml", does: "Use them" },
  ],
  run: async (invocation, context) => {
    const { runImport } = await import("../run/run-import.ts");
    await runImport(invocation, context);
    return EXIT.ok;
  },
};
