/**
 * Keeps the process alive while somebody waits for an answer. Telepool's timers do not, so that an idle store lets a
 * program end; but a program must not end, silently, while a row of its own waits for its next attempt.
 */

/** Longer than any wait; it never fires in practice, and does nothing when it does. */
const FOREVER_MS = 2 ** 31 - 1;

/** Counts those who wait. */
export class KeepAlive {
  #handle: ReturnType<typeof setInterval> | undefined;
  #holds = 0;
  #ended = false;

  hold(): void {
    if (this.#holds++ > 0 || this.#ended) return;
    this.#handle ??= setInterval(() => {}, FOREVER_MS);
    this.#handle.ref();
  }

  release(): void {
    if (--this.#holds === 0) this.#handle?.unref();
  }

  /** Lets the process end whoever still waits: what they wait for has been given up. */
  end(): void {
    this.#ended = true;
    clearInterval(this.#handle);
    this.#handle = undefined;
  }
}
