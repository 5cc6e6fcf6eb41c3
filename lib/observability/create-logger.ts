/**
 * JSON lines for CloudWatch: one object a line, with the keys that Lambda's own JSON format has (timestamp, level, message).
 * Messages are constant, what varies is in fields. No secret leaves: the line is scrubbed as it is written.
 */
import pino from "pino";
import { scrub } from "./scrub.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export type Fields = Readonly<Record<string, unknown>>;

export type Logger = {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  /** A logger whose every line also has these fields. */
  child(fields: Fields): Logger;
};

/** `write` gets whole lines; by default they go to standard output, at once (a frozen container flushes nothing). */
export function createLogger(
  level: LogLevel,
  fields: Fields = {},
  write: (line: string) => void = writeLine,
): Logger {
  return pino(
    {
      level,
      base: fields,
      messageKey: "message",
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      redact: { paths: SECRET_PATHS, censor: "[secret]" },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}

/** Fields that hold secrets wherever they turn up near the top of a record. */
const SECRET_PATHS = ["authorization", "Authorization", "token", "credentials"].flatMap((key) => [
  key,
  `*.${key}`,
  `*.headers.${key}`,
]);

export function writeLine(line: string): void {
  process.stdout.write(line);
}
