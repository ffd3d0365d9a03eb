import { expect, test } from "bun:test";
import { heapHeldBy, timeParses } from "./measure-parse.ts";

/** A clock on which each parse takes the next of the given times. */
function clockOf(timesMs: readonly number[]): () => number {
  const readings = timesMs.flatMap((timeMs, i) => [1000 * i, 1000 * i + timeMs]);
  return () => readings.shift() ?? Number.NaN;
}

test.each([
  [[7], { medianMs: 7, minMs: 7, maxMs: 7, runs: 1 }],
  [[9, 1, 4], { medianMs: 4, minMs: 1, maxMs: 9, runs: 3 }],
  [[8, 2, 4, 6], { medianMs: 5, minMs: 2, maxMs: 8, runs: 4 }],
])("runs of %j ms are summed up", async (timesMs, summary) => {
  expect(await timeParses(() => {}, { runs: timesMs.length, nowMs: clockOf(timesMs) })).toEqual(summary);
});

test("an abort during one run prevents the next", async () => {
  const controller = new AbortController();
  let parses = 0;
  const parse = (): void => {
    parses += 1;
    controller.abort();
  };
  const timing = timeParses(parse, { runs: 5, nowMs: () => 0, signal: controller.signal });
  await expect(timing).rejects.toMatchObject({ code: "ABORTED" });
  expect(parses).toBe(1);
});

test("the heap held by a result is its size, give or take a tenth", () => {
  const held = heapHeldBy(() => Bun.markdown.html("word ".repeat(1_000_000)));
  expect(held).toBeGreaterThan(4_500_000);
  expect(held).toBeLessThan(5_500_000);
});

test("a parse that leaves the heap smaller counts as none", () => {
  const ballast: unknown[] = [new Array(1_000_000).fill(0).map((_, i) => ({ i }))];
  expect(heapHeldBy(() => ballast.pop())).toBeGreaterThanOrEqual(0);
});
