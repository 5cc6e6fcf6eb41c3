import type { FindingCode, SeverityOf } from "./words/findings.ts";

/**
 * Something a person should know; the shape of docs/output.md. Codes are closed words with the severities that they can have:
 * `words/findings.ts` is their one home, docs/findings.md what people read. Sentences are for people.
 */
export type Finding = { readonly [C in FindingCode]: FindingOf<C> }[FindingCode];

type FindingOf<C extends FindingCode> = {
  readonly severity: SeverityOf<C>;
  readonly code: C;
  /** `Kind/name` */
  readonly object: string;
  readonly message: string;
  /** A sentence or a command. */
  readonly fix: string;
};
