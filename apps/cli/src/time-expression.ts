/**
 * Points in time as people write them: a date (`2026-11-23`), a date with a time (`2026-11-23T18:30`), milliseconds
 * since 1970, `now`, or how long ago (`24h`, `-7d`: the sign makes no difference).
 *
 * What names no zone is UTC, as is all that the program prints.
 */
import { parseDuration } from "./duration-expression.ts";

const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/** Milliseconds since 1970, or `undefined` if the text is no time, or one before 1970. */
export function parseTimeExpression(text: string, nowMs: number): number | undefined {
  const timeMs = parse(text, nowMs);
  return timeMs !== undefined && Number.isSafeInteger(timeMs) && timeMs >= 0 ? timeMs : undefined;
}

function parse(text: string, nowMs: number): number | undefined {
  if (text === "now") return nowMs;
  // Four digits alone are meant as a year, and would be the third second of 1970.
  if (/^\d+$/.test(text)) return text.length === 4 ? undefined : Number(text);
  const agoMs = parseDuration(text.replace(/^-/, ""));
  return agoMs === undefined ? parseDate(text) : nowMs - agoMs;
}

function parseDate(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time = "00:00", zone = "Z"] = match;
  const date = `${year}-${month}-${day}`;
  const midnight = new Date(`${date}T00:00Z`); // 30 February is the 2nd of March to some engines
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  return Date.parse(`${date}T${time}${zone.toUpperCase()}`);
}

/** A time as tables show it: UTC, to the second; the number itself where no calendar reaches. */
export function showTime(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? String(timeMs) : time.toISOString().replace(/\.\d{3}Z$/, "Z");
}
