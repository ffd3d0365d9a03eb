import { expect, test } from "bun:test";
import { dayOf } from "./day-of.ts";

test.each([
  [0, "1970-01-01"],
  [Date.UTC(2026, 10, 25) - 1, "2026-11-24"],
  [Date.UTC(2026, 10, 25), "2026-11-25"],
  [Date.UTC(2028, 1, 29, 23, 59, 59, 999), "2028-02-29"],
  [253_402_300_799_999, "9999-12-31"],
  [253_402_300_800_000, "__HIVE_DEFAULT_PARTITION__"],
  [Number.MAX_SAFE_INTEGER, "__HIVE_DEFAULT_PARTITION__"],
])("the day of %d is %s", (timestamp, day) => {
  expect(dayOf(timestamp)).toBe(day);
});
