import { expect, test } from "bun:test";
import { parseTimeExpression, showTime } from "./time-expression.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

test.each([
  ["0", 0],
  ["1795435200000", 1795435200000],
  ["now", NOW],
  ["24h", NOW - 86_400_000],
  ["-24h", NOW - 86_400_000],
  ["7d", NOW - 7 * 86_400_000],
  ["1.5m", NOW - 90_000],
  ["2026-11-23", Date.UTC(2026, 10, 23)],
  ["2026-11-23T18:30", Date.UTC(2026, 10, 23, 18, 30)],
  ["2026-11-23 18:30:15.250", Date.UTC(2026, 10, 23, 18, 30, 15, 250)],
  ["2026-11-23T18:30Z", Date.UTC(2026, 10, 23, 18, 30)],
  ["2026-11-23T18:30+02:00", Date.UTC(2026, 10, 23, 16, 30)],
  ["2028-02-29", Date.UTC(2028, 1, 29)],
])("%s is understood", (text, timeMs) => {
  expect(parseTimeExpression(text, NOW)).toBe(timeMs);
});

test.each([
  "",
  "yesterday",
  "24",
  "2026",
  "-5",
  "1969-12-31",
  "2026-02-30",
  "2026-13-01",
  "2026-11-23T25:00",
  "23.11.2026",
  "7 d",
  "99999999999999999999",
  "1000000w",
])("%p is refused or taken literally, never guessed", (text) => {
  expect(parseTimeExpression(text, NOW)).toBe(text === "24" ? 24 : undefined);
});

test("times are shown in UTC to the second, and those beyond the calendar as numbers", () => {
  expect(showTime(Date.UTC(2026, 10, 23, 18, 30, 15, 999))).toBe("2026-11-23T18:30:15Z");
  expect(showTime(Number.MAX_SAFE_INTEGER)).toBe("9007199254740991");
});
