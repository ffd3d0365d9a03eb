import { expect, test } from "bun:test";
import { variedRow, variedRows } from "./varied-rows.ts";

const rows = [...variedRows(0, 10_000)];
const texts = rows.map(({ profile }) => JSON.stringify(profile));

test("a row is always the same", () => {
  expect(variedRow(4711)).toEqual(variedRow(4711));
});

test("profiles have 266 bytes on average, and no two are the same", () => {
  const bytes = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  expect(Math.abs(bytes - 266)).toBeLessThan(3);
  expect(new Set(texts).size).toBe(texts.length);
});

test("a fifth of a profile is left when many are compressed, and not next to nothing", () => {
  const compressed = Bun.zstdCompressSync(texts.join("\n"), { level: 3 }).length / texts.length;
  expect(compressed).toBeGreaterThan(50);
  expect(compressed).toBeLessThan(90);
});

test("times ascend, a session has a hundred profiles, and a million rows are of thirty days", () => {
  const times = rows.map(({ timestamp }) => timestamp);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(rows.filter(({ session }) => session === "session-7")).toHaveLength(100);
  expect((variedRow(1_000_000).timestamp - variedRow(0).timestamp) / 86_400_000).toBeCloseTo(30, 1);
});
