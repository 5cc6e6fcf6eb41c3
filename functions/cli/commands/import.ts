import type { CommandDefinition } from "../arguments/command.ts";

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
  exitCodes: {
    0: "printed",
    1: "the cluster could not be read",
    3: "something cannot be carried over; comments say what",
  },
  run: async (invocation, context) => {
    const { runImport } = await import("../run/run-import.ts");
    return runImport(invocation, context);
  },
};
