import { versioned } from "../../shared/versioned.ts";
import type { OutputFormat } from "../arguments/command.ts";
import type { Stream } from "./terminal.ts";

/** Writes a result on stdout: as a person reads it, or whole for a program. */
export async function printResult<T>(
  value: T,
  format: OutputFormat,
  out: Stream,
  asTable: (value: T, out: Stream) => string,
): Promise<void> {
  switch (format) {
    case "json":
      out.write(`${JSON.stringify(versioned(value), null, 2)}\n`);
      return;
    case "yaml": {
      const { stringify } = await import("./yaml-text.ts");
      out.write(stringify(versioned(value), { aliasDuplicateObjects: false, lineWidth: 0 }));
      return;
    }
    default:
      out.write(`${asTable(value, out)}\n`);
  }
}
