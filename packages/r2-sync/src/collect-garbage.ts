/**
 * Has a long run keep its memory: rows become text and bytes at some 100 MB a second, and the engine, which sees a machine with much
 * memory, would let the garbage of a few seconds stand. Measured in bench/README.md.
 */

/** How many bytes of rows go by until the garbage is collected: it takes some 10 ms. */
const EVERY_BYTES = 16 * 1024 * 1024;

interface Engine {
  gc(force: boolean): void;
}

/** Counts what goes by. */
export class GarbageCollecting {
  #bytes = 0;

  /** So many bytes of rows have been used. */
  used(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < EVERY_BYTES) return;
    this.#bytes = 0;
    (globalThis as { Bun?: Engine }).Bun?.gc(true); // only Bun has it
  }
}
