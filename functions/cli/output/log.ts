import type { LogLevel } from "../arguments/command.ts";
import type { Stream } from "./terminal.ts";

/** What the command line says beside its result: one line each, on stderr, a constant message and its fields. */
export type Log = {
  readonly debug: (message: string, fields?: LogFields) => void;
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
};
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

const rank: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

/** `now` is given where lines need a time: in a loop that runs for days. */
export function openLog(err: Stream, level: LogLevel, now?: () => number): Log {
  const at =
    (severity: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (rank[severity] < rank[level]) return;
      const time = now === undefined ? "" : `${new Date(now()).toISOString()} `;
      const label = severity === "info" && now === undefined ? "" : `${severity} `;
      err.write(`${time}${label}${message}${formatFields(fields)}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}=${formatValue(value)}`]))
    .join("");
}

function formatValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
