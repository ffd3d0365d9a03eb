/** Arrays in PostgreSQL's binary format, written by hand for the ceiling: what a parameter `$1::text[]` takes as bytes. */

const HEADER_BYTES = 20;
const TEXT_TYPE = 25;
const INT8_TYPE = 20;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export function textArray(values: readonly string[]): Buffer {
  let units = 0;
  for (const value of values) units += value.length;
  const array = withHeader(HEADER_BYTES + 4 * values.length + MAX_BYTES_PER_UNIT * units, TEXT_TYPE, values.length);
  let at = HEADER_BYTES;
  for (const value of values) {
    const bytes = array.write(value, at + 4);
    array.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return array.subarray(0, at);
}

export function int8Array(values: readonly number[]): Buffer {
  const array = withHeader(HEADER_BYTES + 12 * values.length, INT8_TYPE, values.length);
  values.forEach((value, position) => {
    array.writeInt32BE(8, HEADER_BYTES + 12 * position);
    array.writeBigInt64BE(BigInt(value), HEADER_BYTES + 12 * position + 4);
  });
  return array;
}

/** One dimension, no NULLs, the elements' type, their number, counted from 1. */
function withHeader(bytes: number, elementType: number, length: number): Buffer {
  const array = Buffer.allocUnsafe(bytes);
  [1, 0, elementType, length, 1].forEach((word, position) => {
    array.writeInt32BE(word, 4 * position);
  });
  return array;
}
