/** Parts of a list that fit into memory, and into one transaction. */

/** The most rows that are read or written at once. */
export const PAGE_ROWS = 1000;
/** The most bytes; a larger row goes alone. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** A list in parts of at most `PAGE_ROWS` items and `PAGE_BYTES` bytes. */
export function* pieces<T>(items: readonly T[], bytesOf: (item: T) => number): Generator<T[], void, undefined> {
  let piece: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (piece.length === PAGE_ROWS || (piece.length > 0 && bytes + more > PAGE_BYTES)) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(item);
    bytes += more;
  }
  if (piece.length > 0) yield piece;
}
