import { expect, test } from "bun:test";
import type { SyncRun } from "./backlog-case.ts";
import { backlogUsage, briefUsage, centsOf, costResults, trickleUsage } from "./costs.ts";

const run: SyncRun = { seconds: 9, peakMb: 99, classA: 60, objects: 50, bytes: 90e6, profiles: 500_000 };
const trickle = { rowsInSync: 100, classAOfSync: 1, bytesOfSync: 12_000, bytesOfSummary: 1000, bytesAsJson: 400 };

test("a backlog is scaled to the profiles that are asked for", () => {
  expect(backlogUsage(run, 1e6)).toEqual({ classA: 120, bytesPut: 180e6, bytesKept: 180e6 });
});

test("a million profiles at ten a second take 10 000 objects, a summary every five minutes, and one checkpoint with its listings", () => {
  const { classA, bytesPut, bytesKept } = trickleUsage(trickle, run, 1e6);
  expect(classA).toBeCloseTo(10_000 + 100_000 / 300 + 60 + 267.84, 6);
  expect(bytesKept).toBe(120e6 + 90e6);
  expect(bytesPut - bytesKept).toBeCloseTo((100_000 / 300) * 1000, 3);
});

test("a day at ten profiles a second has 8640 syncs", () => {
  const day = trickleUsage(trickle, { ...run, classA: 0 }, 864_000);
  expect(day.classA).toBeCloseTo(8640 + 288 + 0.864 * 267.84, 6);
});

test("the brief's way puts everything again each time, and keeps the last", () => {
  expect(briefUsage(trickle, 300)).toEqual({ classA: 3, bytesPut: 40_000 + 80_000 + 120_000, bytesKept: 120_000 });
});

test("a million requests of class A cost 4.50 dollars, and a gigabyte 1.5 cents a month", () => {
  const cents = centsOf({ classA: 1e6, bytesPut: 7e12, bytesKept: 2e9 });
  expect(cents.requests).toBeCloseTo(450, 9);
  expect(cents.month).toBe(3);
});

test("every subject stands under each of the figures", () => {
  const usage = { classA: 1, bytesPut: 2e6, bytesKept: 3e6 };
  const results = costResults("a day", { ours: usage, theirs: usage });
  expect(results.map(({ name, subject, median }) => [name, subject, median]).slice(0, 4)).toEqual([
    ["a day: class A", "ours", 1],
    ["a day: class A", "theirs", 1],
    ["a day: put", "ours", 2],
    ["a day: put", "theirs", 2],
  ]);
});
