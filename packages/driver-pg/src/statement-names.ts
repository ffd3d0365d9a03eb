/**
 * Names for statements that come again: PostgreSQL plans a named statement once for each connection. A text is named when
 * it is seen for the second time, up to a number that a program's own statements hardly reach, as each name takes memory
 * in the server until the connection ends.
 */

const MAX_NAMES = 200;
/** Longer ones are lists of values, which hardly come again. */
const MAX_NAMED_LENGTH = 4000;
const MAX_REMEMBERED = 1000;

/** The names of one connection. */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #seenOnce = new Set<string>();

  /** The name of a statement, or `undefined` while it is not worth one. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || text.length > MAX_NAMED_LENGTH || this.#names.size === MAX_NAMES) return known;
    if (!this.#seenOnce.delete(text)) {
      if (this.#seenOnce.size === MAX_REMEMBERED) this.#seenOnce.clear();
      this.#seenOnce.add(text);
      return undefined;
    }
    const name = `telepool_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
