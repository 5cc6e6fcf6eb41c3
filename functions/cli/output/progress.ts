import type { Stream } from "./terminal.ts";

/** Told how far a run is; `stop` removes what was drawn. */
export type Progress = {
  readonly report: (progress: { readonly done: number; readonly of: number }) => void;
  readonly stop: () => void;
};

const quietMilliseconds = 1000;

/** A bar on a terminal, once a run has taken a second; nothing anywhere else. */
export async function openProgress(err: Stream): Promise<Progress> {
  if (!err.isTerminal) return { report: () => {}, stop: () => {} };
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar(
    {
      format: "{bar} {value}/{total} endpoints, {eta_formatted} left",
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const started = Date.now();
  let drawing = false;
  return {
    report: ({ done, of }) => {
      if (drawing) bar.update(done);
      else if (Date.now() - started > quietMilliseconds && done < of) {
        bar.start(of, done);
        drawing = true;
      }
    },
    stop: () => {
      if (drawing) bar.stop();
      drawing = false;
    },
  };
}
