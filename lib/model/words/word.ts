export type Severity = "error" | "warning" | "info";

/** A closed word that programs compare, with what it means and what a person does about it. */
export type Word = { readonly meaning: string; readonly fix: string };

/** The code of a finding: `severity` tells, for each severity that it can have, when it has it. */
export type FindingWord = Word & { readonly severity: { readonly [S in Severity]?: string } };
