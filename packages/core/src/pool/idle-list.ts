/**
 * The idle resources in the order in which they are lent: an intrusive doubly linked list, every operation O(1).
 *
 * `lifo` lends what came back last, so that a quiet pool uses few resources and the rest can age out; `round-robin`
 * lends what has been idle longest, so that all are used alike.
 */
import type { Entry } from "./entry.ts";

/** Which idle resource is lent next. */
export type Selection = "lifo" | "round-robin";

/** Entries that wait to be lent. */
export class IdleList<R> {
  readonly #lifo: boolean;
  #first: Entry<R> | undefined;
  #last: Entry<R> | undefined;
  #size = 0;

  constructor(selection: Selection) {
    this.#lifo = selection === "lifo";
  }

  get size(): number {
    return this.#size;
  }

  /** The one to lend next; it stays in the list. */
  get first(): Entry<R> | undefined {
    return this.#first;
  }

  /** Puts in what was used just now. */
  addUsed(entry: Entry<R>): void {
    if (this.#lifo) this.#addFirst(entry);
    else this.addUnused(entry);
  }

  /** Puts in what was only created or checked: it is lent after those that were used. */
  addUnused(entry: Entry<R>): void {
    entry.state = "idle";
    entry.previous = this.#last;
    entry.next = undefined;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#size++;
  }

  /** Takes out `entry`, which is in the list, and gives it the state it leaves for. */
  remove(entry: Entry<R>, state: "lent" | "checking" | "gone"): void {
    entry.state = state;
    const { previous, next } = entry;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size--;
  }

  #addFirst(entry: Entry<R>): void {
    entry.state = "idle";
    const next = this.#first;
    entry.next = next;
    if (next === undefined) this.#last = entry;
    else next.previous = entry;
    this.#first = entry;
    this.#size++;
  }
}
