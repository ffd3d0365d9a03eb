/**
 * First in, first out, linked through the items themselves: every operation takes constant time, also a removal from the
 * middle, and nothing of an item that has left is kept.
 *
 * Invariant: an item stands in one line at most, the one that it names.
 */

/** What an item carries for the line in which it stands; only the line writes it. */
export interface Placed<T extends Placed<T>> {
  line: Fifo<T> | undefined;
  ahead: T | undefined;
  behind: T | undefined;
}

/** A line of items. */
export class Fifo<T extends Placed<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Lets an item that stands in no line stand at the end of this one. */
  push(item: T): void {
    item.line = this;
    item.ahead = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.behind = item;
    this.#last = item;
    this.#size++;
  }

  /** The first item, which stays. */
  peek(): T | undefined {
    return this.#first;
  }

  shift(): T | undefined {
    const item = this.#first;
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Takes an item out of the line, wherever it stands; says whether it was there. */
  remove(item: T): boolean {
    if (item.line !== this) return false;
    const { ahead, behind } = item;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    item.line = undefined;
    item.ahead = undefined;
    item.behind = undefined;
    this.#size--;
    return true;
  }
}
