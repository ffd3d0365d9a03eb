/**
 * Two tables side by side, in the order of their ids: which ids there are, and on which side. Memory holds a page of keys
 * of each side.
 */
import { byCodePoints } from "../by-code-points.ts";
import type { RowKey } from "../store/raw-rows.ts";

/** An id that at least one of the sides has. */
export interface MergedKey {
  readonly id: string;
  readonly source: RowKey | undefined;
  readonly target: RowKey | undefined;
}

/** Pages of keys in ascending order of their ids; none is empty. */
export type KeyPages = AsyncIterator<readonly RowKey[], void, undefined>;

/** Every id of either side, each once, in steps of at most two pages. */
export async function* mergeKeys(source: KeyPages, target: KeyPages): AsyncGenerator<MergedKey[], void, undefined> {
  const left = new Side(source);
  const right = new Side(target);
  for (;;) {
    await Promise.all([left.fill(), right.fill()]);
    const merged: MergedKey[] = [];
    // Up to the end of either page: only there it is known what comes next on that side.
    while (left.isKnown && right.isKnown) {
      const next = firstOf(left.head, right.head);
      if (next === undefined) break;
      if (next.source !== undefined) left.advance();
      if (next.target !== undefined) right.advance();
      merged.push(next);
    }
    if (merged.length === 0) return;
    yield merged;
  }
}

/** What comes first of the next keys of both sides; `undefined` when both have ended. */
function firstOf(source: RowKey | undefined, target: RowKey | undefined): MergedKey | undefined {
  if (source === undefined || target === undefined) {
    const id = (source ?? target)?.id;
    return id === undefined ? undefined : { id, source, target };
  }
  const order = byCodePoints(source.id, target.id);
  if (order < 0) return { id: source.id, source, target: undefined };
  return { id: target.id, source: order === 0 ? source : undefined, target };
}

/** One side: the page that is being gone through. */
class Side {
  readonly #pages: KeyPages;
  #page: readonly RowKey[] = [];
  #at = 0;
  #hasEnded = false;

  constructor(pages: KeyPages) {
    this.#pages = pages;
  }

  /** The next key; `undefined` behind the last of the page. */
  get head(): RowKey | undefined {
    return this.#page[this.#at];
  }

  /** Whether the next key is known, or that there is none. */
  get isKnown(): boolean {
    return this.#hasEnded || this.#at < this.#page.length;
  }

  advance(): void {
    this.#at++;
  }

  /** Reads the next page when this one is used up. */
  async fill(): Promise<void> {
    if (this.isKnown) return;
    const { done, value } = await this.#pages.next();
    this.#hasEnded = done === true;
    this.#page = done === true ? [] : value;
    this.#at = 0;
  }
}
