/** How the values of options and arguments are read; commander names the option in front of each of these messages. */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "./duration-expression.ts";
import { parseSize } from "./size-expression.ts";
import { parseTimeExpression } from "./time-expression.ts";

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** A point in time, in milliseconds since 1970. */
export function time(text: string): number {
  const timeMs = parseTimeExpression(text, Date.now());
  if (timeMs !== undefined) return timeMs;
  throw new InvalidArgumentError(
    "It must be a date (2026-11-23), a date with a time (2026-11-23T18:30Z), milliseconds since 1970, or how long ago (24h, 7d).",
  );
}

/** A duration, in milliseconds. */
export function duration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return durationMs;
  throw new InvalidArgumentError("It must be a number with a unit: 45s, 90m, 12h, 30d or 2w.");
}

/** An amount of storage, in bytes. */
export function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError("It must be a number of bytes, or one with a unit: 500MB, 1GiB.");
}
