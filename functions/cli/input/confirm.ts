import { UsageError } from "../../../lib/model/errors.ts";
import type { Terminal } from "../output/terminal.ts";

/** The person said no. */
export class DeclinedError extends Error {
  constructor() {
    super("not confirmed; nothing was written");
    this.name = "DeclinedError";
  }
}

/**
 * Goes on only when a person types `yes`.
 * @throws UsageError when there is nobody to ask, DeclinedError for any other answer.
 */
export async function confirm(question: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  if (!terminal.interactive)
    throw new UsageError("there is nobody to ask; add --yes to do it without a question");
  const answer = await terminal.ask(`${terminal.err.colors.bold(question)} Only "yes" is taken: `, signal);
  if (answer?.trim() !== "yes") throw new DeclinedError();
}
