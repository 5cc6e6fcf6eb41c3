import type { Report } from "../../lib/model/report.ts";

/** The exit codes of docs/output.md. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** `plan --detailed-exitcode` */
  changes: 2,
  /** Something is withheld, partial, or found. */
  attention: 3,
  /** EX_USAGE of sysexits.h */
  usage: 64,
  /** EX_SOFTWARE of sysexits.h */
  internal: 70,
  /** 128 + SIGINT */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A waiting node is nothing that went wrong: the next run, or its registration, settles it. */
export function exitCodeOf(report: Pick<Report, "status">): ExitCode {
  switch (report.status) {
    case "converged":
    case "waiting":
      return EXIT.ok;
    case "withheld":
    case "partial":
      return EXIT.attention;
    case "failed":
      return EXIT.failed;
  }
}
