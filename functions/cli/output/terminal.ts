import picocolors from "picocolors";
import type { Environment } from "../input/environment.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Where output goes, and what it can show. */
export type Terminal = {
  /** Results, and nothing else. */
  readonly out: Stream;
  /** Everything else: notes, questions, progress, errors. */
  readonly err: Stream;
  /** True when a person can be asked. */
  readonly interactive: boolean;
  /** Asks a person on stderr; undefined at the end of input. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
};

export type Stream = {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Columns to fit into; infinite when piped, so that nothing is cut. */
  readonly width: number;
  readonly colors: Colors;
};

/** The terminal around this process. */
export function openTerminal(environment: Environment, wantsColor: boolean): Terminal {
  const color = wantsColor && !environment.noColor;
  return {
    out: streamOf(process.stdout, environment, color),
    err: streamOf(process.stderr, environment, color),
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    ask,
  };
}

function streamOf(stream: NodeJS.WriteStream, environment: Environment, color: boolean): Stream {
  const isTerminal = stream.isTTY;
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal,
    width: isTerminal
      ? stream.columns > 0
        ? stream.columns
        : (environment.columns ?? 80)
      : Number.POSITIVE_INFINITY,
    colors: picocolors.createColors(color && isTerminal),
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import("node:readline/promises");
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<undefined>((resolve) => asking.once("close", () => resolve(undefined)));
  try {
    return await Promise.race([asking.question(question, { signal }), ended]);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    asking.close();
  }
}
