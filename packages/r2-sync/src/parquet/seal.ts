/**
 * A file's checksum inside the file: its metadata holds the SHA-256 of all its bytes, taken with the digest's own place as
 * zeros. So a single file proves itself, wherever it was copied to; Parquet's own checksums leave out levels and headers.
 *
 * The digest is the last entry of the metadata's keys and values, so the last place in the file where its key stands is it.
 */
import { createHash } from "node:crypto";

/** The key in the file's metadata. */
export const SEAL_KEY = "telepool.sha256";

/** As many hexadecimal digits as a SHA-256 has. */
const DIGEST_LENGTH = 64;

/** What a file is written with until it is sealed. */
export const UNSEALED: string = "0".repeat(DIGEST_LENGTH);

/** The key as it stands in the metadata, with the marks of the string after it: its type, and its length in a byte. */
const MARKER: Buffer = Buffer.from(`${SEAL_KEY}\x18${String.fromCharCode(DIGEST_LENGTH)}`, "latin1");

/** Puts the checksum into a file that was written with `UNSEALED`. */
export function seal(file: Uint8Array): void {
  const at = digestAt(file);
  if (at === undefined) throw new Error("the file has no place for its checksum");
  file.set(Buffer.from(digestOf(file, at), "latin1"), at);
}

/** Whether every byte is as it was when the file was sealed; `undefined` when it has no checksum at all. */
export function isIntact(file: Uint8Array): boolean | undefined {
  const at = digestAt(file);
  if (at === undefined) return undefined;
  return viewOf(file).toString("latin1", at, at + DIGEST_LENGTH) === digestOf(file, at);
}

function digestAt(file: Uint8Array): number | undefined {
  const marker = viewOf(file).lastIndexOf(MARKER);
  const at = marker + MARKER.length;
  return marker < 0 || at + DIGEST_LENGTH > file.length ? undefined : at;
}

function digestOf(file: Uint8Array, at: number): string {
  const hash = createHash("sha256");
  hash.update(file.subarray(0, at));
  hash.update(UNSEALED);
  hash.update(file.subarray(at + DIGEST_LENGTH));
  return hash.digest("hex");
}

function viewOf(file: Uint8Array): Buffer {
  return Buffer.from(file.buffer, file.byteOffset, file.byteLength);
}
