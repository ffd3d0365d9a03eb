/**
 * The values of OpenTelemetry as the JSON that the store keeps: nothing in them makes a row unfit for a database.
 *
 * NUL and lone surrogates become U+FFFD, whole numbers beyond 2^53 and numbers that JSON cannot say become text.
 */
import { MAX_NAME_LENGTH } from "@telepool/core";

/** Text without NUL and lone surrogates. */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!wellFormed.includes("\0")) return wellFormed;
  // replaceAll takes ten times as long for megabytes of NUL.
  const units = Buffer.from(wellFormed, "utf16le");
  for (let at = 0; at < units.length; at += 2) if (units.readUInt16LE(at) === 0) units.writeUInt16LE(0xfffd, at);
  return units.toString("utf16le");
}

/** An id in hexadecimal digits, in lower case; `""` where it is none: of another length, or all zero. */
export function checkedId(hex: string, bytes: number): string {
  return hex.length === 2 * bytes && /^[\da-f]+$/i.test(hex) && !/^0+$/.test(hex) ? hex.toLowerCase() : "";
}

/** A whole number, as text where a double would lose digits. */
export function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** A double; `"NaN"`, `"Infinity"` or `"-Infinity"` where it is no number that JSON has. */
export function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Nanoseconds since 1970 as text, which is exact; `""` for 0, which means that the time is not known. */
export function nanosText(nanos: bigint): string {
  return nanos === 0n ? "" : nanos.toString();
}

/** Such text as milliseconds. */
export function toMs(nanos: string | undefined): number | undefined {
  return nanos === undefined ? undefined : Number(nanos.slice(0, -6));
}

/** A name as the store takes it: the first 255 code points, or `otherwise` where there are none. */
export function rowName(text: string | undefined, otherwise: string): string {
  if (text === undefined || text === "") return otherwise;
  if (text.length <= MAX_NAME_LENGTH) return text;
  // A code point has one or two units, so this many are enough to cut from.
  return [...text.slice(0, 2 * MAX_NAME_LENGTH)].slice(0, MAX_NAME_LENGTH).join("");
}
