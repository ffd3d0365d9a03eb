/** A progress bar on stderr, drawn only for a person at a terminal. */
import type { Output } from "./output.ts";

/** How far something has come. */
export interface Progress {
  /** Shows how much is done; `total` where it was not known at the start, or is known better by now. */
  update(done: number, total?: number): void;
  /** Removes the bar. */
  stop(): void;
}

const NO_PROGRESS: Progress = { update: () => {}, stop: () => {} };

/** Starts a bar; without a `total` it only counts. A total that is `"told later"` comes with the first update. */
export async function startProgress(output: Output, unit: string, total?: number | "told later"): Promise<Progress> {
  if (!output.drawsProgress) return NO_PROGRESS;
  const { default: cliProgress } = await import("cli-progress");
  const format = total === undefined ? `{value} ${unit}` : `{bar} {percentage}% | {value} of {total} ${unit}`;
  const bar = new cliProgress.SingleBar(
    { format, clearOnComplete: true, gracefulExit: false, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  if (total !== "told later") bar.start(total ?? 0, 0);
  const update = (done: number, betterTotal?: number): void => {
    if (betterTotal !== undefined && bar.isActive) bar.setTotal(betterTotal);
    else if (betterTotal !== undefined) bar.start(betterTotal, 0);
    bar.update(done);
  };
  return { update, stop: () => bar.stop() };
}
