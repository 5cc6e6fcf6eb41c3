import type { CommandDefinition } from "../arguments/command.ts";

const shells = ["bash", "zsh", "fish"];

export const completionCommand: CommandDefinition = {
  name: "completion",
  summary: "print the completion script of a shell",
  description: "Prints a script that makes the shell complete commands, options and their choices.",
  arguments: [{ syntax: "<shell>", description: "which shell", choices: shells }],
  examples: [
    { command: "source <(hepctl completion bash)", does: "In this shell; put it in ~/.bashrc for all" },
    { command: 'hepctl completion zsh > "${fpath[1]}/_hepctl"', does: "zsh, for good" },
    { command: "hepctl completion fish > ~/.config/fish/completions/hepctl.fish", does: "fish, for good" },
  ],
  run: async (invocation, context) => {
    const { printCompletion } = await import("../completion/print-completion.ts");
    return printCompletion(invocation.arguments[0] ?? "", context);
  },
};

/** What the scripts call at each press of the tab key. */
export const completeCommand: CommandDefinition = {
  name: "complete",
  summary: "answer a shell's completion script",
  description: "Called by the scripts that `hepctl completion` prints.",
  arguments: [{ syntax: "[words...]", description: "what was typed so far, after --" }],
  examples: [],
  hidden: true,
  run: async (invocation, context) => {
    const { printSuggestions } = await import("../completion/print-completion.ts");
    return printSuggestions(invocation.arguments, context);
  },
};
