import { expect, test } from "bun:test";
import { ago, count, duration, fullTime, rate, size, timeOfDay } from "./numbers.js";

test("counts are written out up to a hundred thousand", () => {
  expect([0, 99_999, 1_234_567].map(count)).toEqual(["0", "99,999", "1.2M"]);
});

test("small rates keep two digits", () => {
  expect([0, 0.3333, 2.678, 41.7].map(rate)).toEqual(["0", "0.33", "2.7", "42"]);
});

test("durations have the unit that suits them", () => {
  expect([0, 0.0049, 0.8712, 25, 12_400].map(duration)).toEqual(["0 ms", "4.9 µs", "0.87 ms", "25 ms", "12 s"]);
});

test("sizes have the unit that suits them", () => {
  expect([0, 1023, 4096, 16 * 1024 * 1024].map(size)).toEqual(["0 B", "1023 B", "4 KiB", "16 MiB"]);
});

test("what is not in the past is told as well", () => {
  const now = 1_700_000_000_000;
  expect([0, -999, -3000, -61_000, -90_000_000, 7_200_000].map((ms) => ago(now + ms, now))).toEqual([
    "now",
    "now",
    "3s ago",
    "1m ago",
    "1d ago",
    "in 2h",
  ]);
});

test("a time that no Date can hold is shown as the number that it is", () => {
  const beyond = Number.MAX_SAFE_INTEGER;
  expect([timeOfDay(beyond), fullTime(beyond)]).toEqual([String(beyond), String(beyond)]);
  expect(fullTime(0)).toBe("1970-01-01T00:00:00.000Z");
});
