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
      stream.write(isTerminal ? withoutControls(text) : text);
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

/**
 * Control characters of what others wrote (names, annotations, messages) move the cursor, retitle the window or hide text: they
 * are shown as `\\u001b`. Colours are ours; whoever else sets one changes nothing that is read.
 */
export function withoutControls(text: string): string {
  return text.replace(CONTROL, (it) =>
    it.length > 1 ? it : `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A colour as picocolors writes it, or one character of C0 (but tab and line feed), DEL, C1, or of those that turn the direction. */
const CONTROL =
  // eslint-disable-next-line no-control-regex -- it is about these
  /\u001b\[(?:[0-7]|9|2[1-9]|3[0-9]|4[0-9]|9[0-7])m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

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
