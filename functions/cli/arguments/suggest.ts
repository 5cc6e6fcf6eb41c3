/** What may come next on a command line. In: the words so far, the last one unfinished. Out: suggestions. Pure. */
import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { globalOptions } from "./global-options.ts";

export type Suggestion = { readonly value: string; readonly description: string };
export type Suggestions = {
  readonly suggestions: readonly Suggestion[];
  /** The shell should offer files. */
  readonly files: boolean;
};

export function suggest(words: readonly string[], commands: readonly CommandDefinition[]): Suggestions {
  // bash breaks words at "=": `--output = js`.
  const before = words.slice(0, -1).filter((it) => it !== "=");
  const last = words.at(-1) ?? "";
  const typed = last === "=" ? "" : last;
  const visible = commands.filter((it) => it.hidden !== true);
  const { command, operands } = readWords(before, visible);
  const options = [...(command?.options ?? []), ...globalOptions];
  const waiting = optionNamed(options, before.at(-1));
  if (waiting !== undefined && valueName(waiting) !== undefined) return suggestValue(waiting, "", typed);
  const [name, value] = typed.split("=", 2);
  const assigned = value === undefined ? undefined : optionNamed(options, name);
  if (assigned !== undefined) return suggestValue(assigned, `${name ?? ""}=`, value ?? "");
  if (typed.startsWith("-")) return only(typed, options.flatMap(toSuggestions));
  if (command === undefined)
    return only(
      typed,
      visible.map((it) => ({ value: it.name, description: it.summary })),
    );
  const argument = command.arguments?.[operands];
  return only(
    typed,
    (argument?.choices ?? []).map((it) => ({ value: it, description: "" })),
  );
}

/** The command among the words, and how many words follow it that are neither options nor their values. */
function readWords(words: readonly string[], commands: readonly CommandDefinition[]) {
  let command: CommandDefinition | undefined;
  let operands = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const option = optionNamed([...(command?.options ?? []), ...globalOptions], word);
    if (option !== undefined) at += valueName(option) === "required" ? 1 : 0;
    else if (word.startsWith("-")) continue;
    else if (command === undefined) command = commands.find((it) => it.name === word);
    else operands++;
  }
  return { command, operands };
}

function suggestValue({ choices, flags }: OptionDefinition, prefix: string, typed: string): Suggestions {
  if (choices !== undefined)
    return only(
      prefix + typed,
      choices.map((it) => ({ value: prefix + it, description: "" })),
    );
  return { suggestions: [], files: flags.includes("<file>") };
}

/** `-o, --output <format>` is `-o` and `--output`. */
function namesOf({ flags }: OptionDefinition): readonly string[] {
  return flags.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? [];
}

function optionNamed(
  options: readonly OptionDefinition[],
  word: string | undefined,
): OptionDefinition | undefined {
  return word === undefined ? undefined : options.find((it) => namesOf(it).includes(word));
}

function valueName({ flags }: OptionDefinition): "required" | "optional" | undefined {
  return flags.includes("<") ? "required" : flags.includes("[") ? "optional" : undefined;
}

function toSuggestions(option: OptionDefinition): readonly Suggestion[] {
  return namesOf(option).map((value) => ({ value, description: option.description }));
}

function only(typed: string, suggestions: readonly Suggestion[]): Suggestions {
  return { suggestions: suggestions.filter((it) => it.value.startsWith(typed)), files: false };
}
