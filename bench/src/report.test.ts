import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkedRatio, formatReport, type Report, resultsOf, thisMachine, writeReport } from "./report.ts";

const report: Report = {
  machine: thisMachine(true),
  results: resultsOf({ suite: "pool", name: "use", unit: "ns", figures: new Map([["ours", [3, 1, 2]]]) }),
  ratios: [checkedRatio("pool.fast", 0.9, "max", 1), checkedRatio("pool.many", 19, "min", 20)],
  notMeasured: [{ suite: "pg", reason: "there is no server" }],
};

test("a ratio holds when it is on the right side of its goal, the goal included", () => {
  expect(checkedRatio("r", 1, "max", 1).ok).toBe(true);
  expect(checkedRatio("r", 1, "min", 1).ok).toBe(true);
  expect(checkedRatio("r", 1.01, "max", 1).ok).toBe(false);
  expect(checkedRatio("r", Number.NaN, "min", 1).ok).toBe(false);
});

test("the table says which goals were missed", () => {
  const text = formatReport(report);
  expect(text).toMatch(/pool\.fast +0\.9 +<= 1 +ok/);
  expect(text).toMatch(/pool\.many +19 +>= 20 +MISSED/);
  expect(text).toMatch(/pool\.use +ours +2 +1 +3 +ns +3/);
});

test("the text says what was not measured, and why", () => {
  expect(formatReport(report)).toEndWith("\npg was not measured: there is no server");
});

test("the report is written as JSON in the shape that programs read", () => {
  const folder = mkdtempSync(join(tmpdir(), "telepool-report-"));
  const path = join(folder, "deep", "latest.json");
  writeReport(path, report);
  const read = JSON.parse(readFileSync(path, "utf8"));
  rmSync(folder, { recursive: true });
  expect(read.results).toEqual([
    { suite: "pool", name: "use", subject: "ours", unit: "ns", median: 2, min: 1, max: 3, n: 3 },
  ]);
  expect(read.ratios[1]).toEqual({ name: "pool.many", value: 19, goal: 20, direction: "min", ok: false });
  expect(read.machine.quick).toBe(true);
});
