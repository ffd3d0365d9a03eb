/**
 * Has a long run keep its memory: rows become text and bytes at some 100 MB a second, and the engine, which sees a machine with much
 * memory, would let the garbage of a few seconds stand. Measured in bench/README.md.
 */

interface Engine {
  gc(force: boolean): void;
}

/** Counts what goes by. */
export class GarbageCollecting {
  readonly #everyBytes: number;
  #bytes = 0;

  /** @param everyBytes how many bytes of rows go by until the garbage is collected, which takes some 10 ms to 70 ms */
  constructor(everyBytes: number) {
    this.#everyBytes = everyBytes;
  }

  /** So many bytes of rows have been used. */
  used(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#everyBytes) return;
    this.#bytes = 0;
    (globalThis as { Bun?: Engine }).Bun?.gc(true); // only Bun has it
  }
}
