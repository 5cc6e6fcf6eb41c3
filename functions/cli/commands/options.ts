import type { OptionDefinition } from "../arguments/command.ts";

/** Options that several commands share. */
export const nodeOption: OptionDefinition = {
  flags: "--node <name>",
  description: "only this node; may be given more than once",
  repeatable: true,
};
export const yesOption: OptionDefinition = { flags: "--yes", description: "do not ask for confirmation" };
const worldOption: OptionDefinition = {
  flags: "--world <file>",
  description:
    "YAML or JSON of objects as the API serves them, instead of a cluster; may be given more than once, - is stdin",
  repeatable: true,
};
const lenientOption: OptionDefinition = {
  flags: "--lenient",
  description: "fields that no version of Calico has are told and left out, instead of refused",
};
/** For commands that also read objects from files. */
export const worldOptions: readonly OptionDefinition[] = [worldOption, lenientOption];

/** How much of a report a person reads; `-o json` and `-o yaml` have all of it. */
export const detailOptions: readonly OptionDefinition[] = [
  { flags: "--full", description: "show each change (default: those that are alike as one)" },
  { flags: "--summary", description: "show how many of what, without the fields" },
];
export const acceptLooseningOption: OptionDefinition = {
  flags: "--accept-loosening",
  description: "go on although a flow is opened that is denied now (finding `loosens`)",
};
