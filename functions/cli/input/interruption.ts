import process from "node:process";

/** The person ended the command before it was done. */
export class InterruptedError extends Error {
  constructor() {
    super("interrupted; what was not written yet stays as it was, run it again to continue");
    this.name = "InterruptedError";
  }
}

export type Interruption = {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly asked: AbortSignal;
  /** Aborts at the second: what is under way is cut off too. */
  readonly forced: AbortSignal;
  /** Gives the signals back to the process. */
  readonly release: () => void;
};

/** A terminal sends Ctrl-C to the whole process group and a launcher hands its own on: two within this time are one. */
const sameMilliseconds = 300;

/** Listens for the signals that end a program. */
export function listenForInterruption(): Interruption {
  const asked = new AbortController();
  const forced = new AbortController();
  let first: number | undefined;
  const onSignal = () => {
    first ??= Date.now();
    asked.abort(new InterruptedError());
    if (Date.now() - first > sameMilliseconds) forced.abort(new InterruptedError());
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    asked: asked.signal,
    forced: forced.signal,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
