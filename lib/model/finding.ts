/** Something a person should know; the shape of docs/output.md. `code` is a closed word, sentences are for people. */
export type Finding = {
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  /** `Kind/name` */
  readonly object: string;
  readonly message: string;
  /** A sentence or a command. */
  readonly fix: string;
};
