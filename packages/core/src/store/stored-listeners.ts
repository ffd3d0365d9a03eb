/**
 * Who wants to know of stored rows. Without a listener a batch pays one look at an empty list; with one, an object for
 * each row, whose JSON stays the text that it is.
 *
 * What a listener throws is dropped: the rows are committed, and neither their callers nor the other listeners did it.
 */
import type { WriteReport } from "../driver/driver.ts";
import { TelepoolError } from "../errors.ts";
import type { RawRow } from "./raw-rows.ts";
import type { RowKind, RowTable } from "./row-kind.ts";
import type { StoredListener } from "./stored-rows.ts";

/** The listeners of one store. */
export class StoredListeners {
  /** Replaced at each change, so that a listener may come or go while all are told. */
  #listeners: readonly { readonly tell: StoredListener }[] = [];

  /** Adds a listener and returns the function that removes it. */
  add(listener: StoredListener): () => void {
    if (typeof listener !== "function") {
      throw new TelepoolError("INVALID_ARGUMENT", "listener must be a function", { field: "listener" });
    }
    const entry = { tell: listener };
    this.#listeners = [...this.#listeners, entry];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  /** Tells of those rows of a committed write that it found no row for. */
  tell<T extends RowTable>(kind: RowKind<T>, rows: readonly RawRow<T>[], { duplicates }: WriteReport): void {
    const listeners = this.#listeners;
    if (listeners.length === 0 || duplicates.length === rows.length) return;
    const known = new Set(duplicates);
    const stored = kind.toStored(known.size === 0 ? rows : rows.filter((_, position) => !known.has(position)));
    for (const { tell } of listeners) {
      try {
        tell(stored);
      } catch {
        // see above
      }
    }
  }
}
