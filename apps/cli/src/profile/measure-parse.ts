/**
 * Measures what a parse takes: its time over several runs, and the heap that its result holds.
 *
 * Between runs the event loop gets its turn, so that timers and an abort of the program around it are not held up for
 * longer than one parse.
 */
import { heapStats } from "bun:jsc";
import { setImmediate } from "node:timers/promises";
import { abortedError } from "@telepool/core";
import type { LeadSpecProfile } from "./lead-spec-profile.ts";

/** How `timeParses` runs. */
export interface TimingOptions {
  readonly runs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Times `parse`, which has run once before as its warm-up. */
export async function timeParses(
  parse: () => unknown,
  { runs, nowMs, signal }: TimingOptions,
): Promise<LeadSpecProfile["parse"]> {
  const timesMs: number[] = [];
  while (timesMs.length < runs) {
    await setImmediate();
    if (signal?.aborted) throw abortedError(signal, "profiling a document");
    const startMs = nowMs();
    parse();
    timesMs.push(nowMs() - startMs);
  }
  timesMs.sort((a, b) => a - b);
  const at = (index: number): number => timesMs[index] ?? 0; // runs is at least 1, so the index is there
  const medianMs = (at(Math.floor((runs - 1) / 2)) + at(Math.floor(runs / 2))) / 2;
  return { medianMs, minMs: at(0), maxMs: at(runs - 1), runs };
}

/**
 * The bytes of JavaScript heap that the result of `parse` holds; see `LeadSpecProfile.heapUsedBytes`.
 *
 * Costs three full collections of the whole program's heap, during which nothing else runs.
 */
export function heapHeldBy(parse: () => unknown): number {
  Bun.gc(true);
  Bun.gc(true); // what work before has left behind may outlive one collection, and would be missing from the difference
  const beforeBytes = heapStats().heapSize;
  const held = [parse()];
  Bun.gc(true);
  const heldBytes = heapStats().heapSize - beforeBytes;
  held.pop(); // a use after the reading, so that the result is alive until then
  return Math.max(0, heldBytes);
}
