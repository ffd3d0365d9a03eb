/**
 * The values of OpenTelemetry as the JSON that the store keeps: nothing in them makes a row unfit for a database.
 *
 * NUL and lone surrogates become U+FFFD, whole numbers beyond 2^53 and numbers that JSON cannot say become text.
 */
import { MAX_NAME_LENGTH } from "@telepool/core";

/** How deep arrays and lists may nest in a value. The store takes 100 levels, of which a row has some of its own. */
export const MAX_VALUE_DEPTH = 64;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const NANOS_PER_MS = 1_000_000n;

/** What a client sent and the server cannot read; the message is shown to the client. */
export class MalformedError extends Error {
  override readonly name: string = "MalformedError";
}

/** More than is taken at once. */
export class TooMuchError extends MalformedError {
  override readonly name = "TooMuchError";
}

/** Text without NUL and lone surrogates. */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "\uFFFD") : wellFormed;
}

/** An id in hexadecimal digits, in lower case; `""` where it is none: of another length, or all zero. */
export function checkedId(hex: string, bytes: number): string {
  return hex.length === 2 * bytes && /^[\da-f]+$/i.test(hex) && !/^0+$/.test(hex) ? hex.toLowerCase() : "";
}

/** A whole number, as text where a double would lose digits. */
export function jsonInteger(value: bigint): number | string {
  return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value.toString();
}

/** A double; `"NaN"`, `"Infinity"` or `"-Infinity"` where it is no number that JSON has. */
export function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** A name as the store takes it: the first 255 code points, or `otherwise` where there are none. */
export function rowName(text: string, otherwise: string): string {
  if (text === "") return otherwise;
  if (text.length <= MAX_NAME_LENGTH) return text;
  // A code point has one or two units, so this many are enough to cut from.
  return [...text.slice(0, 2 * MAX_NAME_LENGTH)].slice(0, MAX_NAME_LENGTH).join("");
}

/** Nanoseconds since 1970 as milliseconds; `undefined` for 0, which means that the time is not known. */
export function toMs(unixNano: bigint): number | undefined {
  return unixNano === 0n ? undefined : Number(unixNano / NANOS_PER_MS);
}

/** Nanoseconds since 1970 as text, which is exact; `undefined` for 0. */
export function toNanoText(unixNano: bigint): string | undefined {
  return unixNano === 0n ? undefined : unixNano.toString();
}

/** The object or list itself, if there is anything in it. */
export function filled<T extends object>(value: T): T | undefined {
  for (const _ in value) return value;
  return undefined;
}
