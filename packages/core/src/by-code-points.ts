/**
 * The order of the databases: they compare names by the bytes of their UTF-8, which is the order of code points.
 * JavaScript compares UTF-16 units, in which the two halves of a surrogate pair stand before U+E000.
 */

/** Compares two well-formed texts by their code points, for `sort`. */
export function byCodePoints(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const left = one.charCodeAt(at);
    const right = other.charCodeAt(at);
    if (left !== right) return place(left) - place(right);
  }
  return one.length - other.length;
}

/**
 * Rows in the order of their ids, those with the same id in the order in which they came; the very same list where it is so
 * already. Transactions that insert in this order wait for each other's ids instead of deadlocking.
 */
export function inOrderOfIds<R extends { readonly id: string }>(rows: readonly R[]): readonly R[] {
  const isOrdered = rows.every(({ id }, place) => place === 0 || byCodePoints(rows[place - 1]?.id ?? "", id) <= 0);
  return isOrdered ? rows : rows.toSorted((one, other) => byCodePoints(one.id, other.id));
}

/** A UTF-16 unit's place in the order of code points: surrogates come after all others. */
function place(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
