/** First in, first out, in an array whose front moves: push, peek and shift in constant time, removal by a search. */

/** A line of items. */
export class Fifo<T extends object> {
  /** Items from `#head` on; `undefined` where one was removed from the middle. */
  #items: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    this.#items.push(item);
    this.#size++;
  }

  /** The first item, which stays. */
  peek(): T | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head];
      if (item !== undefined) return item;
      this.#head++;
    }
    this.#items = [];
    this.#head = 0;
    return undefined;
  }

  shift(): T | undefined {
    const item = this.peek();
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head++;
    this.#size--;
    if (this.#head > 8192 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes an item out of the line, wherever it stands; says whether it was there. */
  remove(item: T): boolean {
    const position = this.#items.indexOf(item, this.#head);
    if (position === -1) return false;
    this.#items[position] = undefined;
    this.#size--;
    return true;
  }
}
