/** When a store is copied: every so often, at once when much was stored, and with growing pauses while it fails. */
import { type Clock, isTelepoolError, type Timer } from "@telepool/core";

/** The pauses after failures: from, and to at most. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;

/** What a loop works with. */
export interface CopyLoopDeps {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** So many bytes of rows are copied at once. */
  readonly maxBytes: number;
  /** Ends the loop. */
  readonly signal: AbortSignal;
  readonly cycle: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** The loop of one sync. */
export class CopyLoop {
  readonly #deps: CopyLoopDeps;
  #wake: (() => void) | undefined;
  #storedBytes = 0;
  #failures = 0;

  constructor(deps: CopyLoopDeps) {
    this.#deps = deps;
  }

  /** Rows of so many bytes were stored. */
  stored(bytes: number): void {
    this.#storedBytes += bytes;
    // Not while attempts fail: then the pauses are to grow, however much is stored.
    if (this.#failures === 0 && this.#storedBytes >= this.#deps.maxBytes) this.#wake?.();
  }

  /** Ends the pause. */
  wake(): void {
    this.#wake?.();
  }

  /** Copies until the signal fires. */
  async run(): Promise<void> {
    const { signal, cycle, intervalMs, onFailure } = this.#deps;
    for (let pauseMs = 0; !signal.aborted; ) {
      await this.#pause(pauseMs);
      this.#storedBytes = 0;
      if (signal.aborted) return;
      try {
        await cycle();
        this.#failures = 0;
        pauseMs = intervalMs;
      } catch (error) {
        if (signal.aborted) return;
        onFailure(error);
        pauseMs = this.#pauseAfter(error);
      }
    }
  }

  #pauseAfter(error: unknown): number {
    const { clock, intervalMs } = this.#deps;
    const growing = FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 20);
    const longest = Math.max(LONGEST_PAUSE_MS, intervalMs);
    // What only a person can mend is asked about rarely: each question costs.
    const pauseMs = isTelepoolError(error, "COPY_FENCED") ? longest : Math.min(growing, longest);
    return pauseMs * (0.5 + clock.random() / 2);
  }

  /** Ends after a time, or when it is woken. */
  async #pause(ms: number): Promise<void> {
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = this.#deps.clock.setTimer(resolve, ms);
    });
    this.#wake = undefined;
    timer?.cancel();
  }
}
