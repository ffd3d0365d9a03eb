/** A progress bar on stderr, drawn only for a person at a terminal. */
import type { Output } from "./output.ts";

/** How far something has come. */
export interface Progress {
  update(done: number): void;
  /** Removes the bar. */
  stop(): void;
}

const NO_PROGRESS: Progress = { update: () => {}, stop: () => {} };

/** Starts a bar; without a `total` it only counts. */
export async function startProgress(output: Output, unit: string, total?: number): Promise<Progress> {
  if (!output.drawsProgress) return NO_PROGRESS;
  const { default: cliProgress } = await import("cli-progress");
  const format = total === undefined ? `{value} ${unit}` : `{bar} {percentage}% | {value} of {total} ${unit}`;
  const bar = new cliProgress.SingleBar(
    { format, clearOnComplete: true, gracefulExit: false, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total ?? 0, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
