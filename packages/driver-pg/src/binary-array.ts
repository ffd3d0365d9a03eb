/**
 * One-dimensional arrays in PostgreSQL's binary format: what `unnest` takes without a character to escape or to parse.
 * The layout (src/backend/utils/adt/arrayfuncs.c, array_recv): number of dimensions, whether there are NULLs, the
 * element type, length and lower bound, then each element with its length, -1 for NULL; all in big-endian 32-bit words.
 */

const HEADER_BYTES = 20;
const TEXT_TYPE = 25;
const INT8_TYPE = 20;

/** An array of `text`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = HEADER_BYTES;
  let hasNull = false;
  for (const value of values) {
    if (value === null) hasNull = true;
    bytes += 4 + (value === null ? 0 : Buffer.byteLength(value));
  }
  const array = withHeader(bytes, TEXT_TYPE, values.length, hasNull);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? -1 : array.write(value, at + 4);
    array.writeInt32BE(length, at);
    at += 4 + Math.max(length, 0);
  }
  return array;
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
