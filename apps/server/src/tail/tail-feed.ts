/**
 * The rows that were stored last, for those that follow them live.
 *
 * One ring for all readers, bounded by rows and by length: a reader is a place in it, and costs no buffer of its own. One
 * that is slower than the ring learns how many rows went by. The feed listens to the store only while there are readers,
 * and for a while after the last has gone, so that it can come back to where it was.
 */
import type { StoredEvent, StoredProfile, StoredRows } from "@telepool/core";
import type { AppStore } from "../app-deps.ts";

/** One row of the feed. */
export type FeedRow =
  | { readonly kind: "profile"; readonly row: StoredProfile }
  | { readonly kind: "event"; readonly row: StoredEvent };

/** How much a feed keeps. */
export interface FeedOptions {
  readonly maxRows?: number;
  /** In UTF-16 units of JSON. */
  readonly maxLength?: number;
  /** How long rows are kept after the last reader has gone, in milliseconds. */
  readonly lingerMs?: number;
}

/** What a reader gets from its place on. */
export interface FeedSlice {
  readonly rows: readonly { readonly sequence: number; readonly item: FeedRow }[];
  /** Rows that the ring no longer has, before these. */
  readonly missed: number;
}

/** The feed of one store. */
export class TailFeed {
  /** Tells this run of the feed from others: a place from another one means nothing here. */
  #epoch = newEpoch();
  readonly #store: Pick<AppStore, "onStored">;
  readonly #maxRows: number;
  readonly #maxLength: number;
  readonly #lingerMs: number;
  /** The kept rows; that at position 0 has the sequence `#first`. */
  #rows: FeedRow[] = [];
  #first = 1;
  /** Rows at the start of `#rows` that are dropped already: they are cut off together, not one by one. */
  #dropped = 0;
  #length = 0;
  readonly #wakers = new Set<() => void>();
  #readers = 0;
  #stop: (() => void) | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(
    store: Pick<AppStore, "onStored">,
    { maxRows = 10_000, maxLength = 16 * 1024 * 1024, lingerMs = 60_000 }: FeedOptions = {},
  ) {
    this.#store = store;
    this.#maxRows = maxRows;
    this.#maxLength = maxLength;
    this.#lingerMs = lingerMs;
  }

  get readers(): number {
    return this.#readers;
  }

  /** The sequence that the next row will have. */
  get next(): number {
    return this.#first + this.#rows.length;
  }

  /** The name of a place: what `Last-Event-ID` holds after the row with this sequence. */
  nameOf(sequence: number): string {
    return `${this.#epoch}-${sequence}`;
  }

  /** The place after a named one; `undefined` when the name is of another run of the feed, or is none. */
  placeAfter(name: string): number | undefined {
    const [epoch, sequence, ...rest] = name.split("-");
    if (epoch !== this.#epoch || sequence === undefined || rest.length > 0 || !/^\d{1,15}$/.test(sequence))
      return undefined;
    const place = Number(sequence) + 1;
    return place <= this.next ? place : undefined;
  }

  /** Counts a reader in; disposing of what is returned counts it out. */
  join(): Disposable {
    clearTimeout(this.#linger);
    this.#stop ??= this.#store.onStored((stored) => this.#take(stored));
    this.#readers++;
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (!isIn) return;
        isIn = false;
        if (--this.#readers > 0) return;
        this.#linger = setTimeout(() => this.#leave(), this.#lingerMs);
        this.#linger.unref();
      },
    };
  }

  /** Up to `most` rows from `place` on. */
  from(place: number, most: number): FeedSlice {
    const oldest = this.#first + this.#dropped;
    const start = Math.max(place, oldest) - this.#first;
    const rows = this.#rows
      .slice(start, start + most)
      .map((item, position) => ({ sequence: this.#first + start + position, item }));
    return { rows, missed: Math.max(0, oldest - place) };
  }

  /** Calls `wake` once, when there are new rows; what is returned calls it off. */
  whenNew(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => this.#wakers.delete(wake);
  }

  #take(stored: StoredRows): void {
    for (const row of stored.rows) {
      // The kind is that of all rows of the batch, which the type cannot say.
      const item = { kind: stored.kind === "profiles" ? "profile" : "event", row } as FeedRow;
      this.#rows.push(item);
      this.#length += item.row.json.length;
    }
    this.#shorten();
    const wakers = [...this.#wakers];
    this.#wakers.clear();
    for (const wake of wakers) wake();
  }

  #shorten(): void {
    while (this.#rows.length - this.#dropped > this.#maxRows || this.#length > this.#maxLength) {
      this.#length -= this.#rows[this.#dropped]?.row.json.length ?? 0;
      this.#dropped++;
    }
    if (this.#dropped * 2 < this.#rows.length) return;
    this.#rows = this.#rows.slice(this.#dropped);
    this.#first += this.#dropped;
    this.#dropped = 0;
  }

  /** Nobody came back: from here on rows go by unseen, so the places of before mean nothing any more. */
  #leave(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#rows = [];
    this.#first = 1;
    this.#dropped = 0;
    this.#length = 0;
    this.#epoch = newEpoch();
  }
}

function newEpoch(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
