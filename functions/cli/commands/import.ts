import type { CommandDefinition } from "../arguments/command.ts";

export const importCommand: CommandDefinition = {
  name: "import",
  summary: "print settings by which every node keeps the endpoints that it has",
  description:
    "Reads how Calico's own controller (auto) or hostendpoint-operator (operator) is configured, or the endpoints that somebody made\n" +
    "by hand (manual), and prints settings with the same effect, ready for --config. Comments say what cannot be carried over, and\n" +
    "what an adoption would change. Writes nothing.",
  options: [
    {
      flags: "--from <who>",
      description: "who made the endpoints until now (default: auto)",
      choices: ["auto", "operator", "manual"],
    },
  ],
  examples: [
    { command: "hepctl import > prod.yaml", does: "Save them, then look at what would change" },
    { command: "hepctl import --from operator > prod.yaml", does: "From hostendpoint-operator" },
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
