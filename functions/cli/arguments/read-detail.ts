import { UsageError } from "../../../lib/model/errors.ts";
import type { Detail } from "../output/format-report.ts";
import type { Invocation } from "./command.ts";

/** `--full`, `--summary`, or neither. @throws UsageError for both. */
export function readDetail(invocation: Pick<Invocation, "flag">): Detail {
  const full = invocation.flag("full");
  if (full && invocation.flag("summary"))
    throw new UsageError("--full and --summary say two things; give one of them");
  return full ? "full" : invocation.flag("summary") ? "summary" : "grouped";
}
