/**
 * JSON lines for CloudWatch: one object a line, with the keys that Lambda's own JSON format has (timestamp, level, message).
 * Messages are constant, what varies is in fields. No secret leaves: the line is scrubbed as it is written.
 */
import pino from "pino";
import { cleanText, scrub } from "../model/clean-text.ts";

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
    { write: (line: string) => write(boundedLine(line)) },
  );
}

/** CloudWatch splits an event of more than 256 KB, and nobody reads one of a tenth of it. Characters. */
const LONGEST_LINE = 64_000;

/** A line that is too long is still JSON: its beginning, and how long it was. */
function boundedLine(line: string): string {
  if (line.length <= LONGEST_LINE) return scrub(line);
  const { level, timestamp, message } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const beginning = cleanText(line, LONGEST_LINE / 2);
  return `${JSON.stringify({ level, timestamp, message, cut: line.length, beginning })}\n`;
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
