/**
 * One-dimensional arrays in PostgreSQL's binary format: what `unnest` takes without a character to escape or to parse.
 * The layout (src/backend/utils/adt/arrayfuncs.c, array_recv): number of dimensions, whether there are NULLs, the
 * element type, length and lower bound, then each element with its length, -1 for NULL; all in big-endian 32-bit words.
 */

const HEADER_BYTES = 20;
const TEXT_TYPE = 25;
const INT8_TYPE = 20;

/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/** An array of `text`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let units = 0;
  let hasNull = false;
  for (const value of values) {
    if (value === null) hasNull = true;
    else units += value.length;
  }
  // Room for the worst case: to write once and cut is faster than to measure every text first.
  const room = HEADER_BYTES + 4 * values.length + MAX_BYTES_PER_UNIT * units;
  const array = withHeader(room, TEXT_TYPE, values.length, hasNull);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : array.write(value, at + 4);
    array.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return array.subarray(0, at);
}

/** An array of `bigint`, from safe integers. */
export function bigintArray(values: readonly number[]): Buffer {
  const array = withHeader(HEADER_BYTES + 12 * values.length, INT8_TYPE, values.length, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    const high = Math.floor(value / 2 ** 32);
    array.writeInt32BE(8, at);
    array.writeInt32BE(high, at + 4);
    array.writeUInt32BE(value - high * 2 ** 32, at + 8);
    at += 12;
  }
  return array;
}

function withHeader(bytes: number, elementType: number, length: number, hasNull: boolean): Buffer {
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(hasNull ? 1 : 0, 4);
  array.writeInt32BE(elementType, 8);
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
  return array;
}
