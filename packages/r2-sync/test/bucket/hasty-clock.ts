/** A clock on which pauses pass at once and are remembered; nothing ever times out. */
import type { Clock, Timer } from "@telepool/core";

/** Longer than any pause of these tests: a request's time-out. */
const TIMEOUT_MS = 30_000;

export class HastyClock implements Clock {
  /** How long the pauses were that have begun. */
  readonly pauses: number[] = [];
  /** Called when a pause begins. */
  onPause: () => void = () => {};
  readonly #startMs: number;
  #elapsedMs = 0;

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  wallMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    if (delayMs >= TIMEOUT_MS) return { cancel: () => {} };
    this.pauses.push(delayMs);
    this.onPause();
    const handle = setImmediate(() => {
      this.#elapsedMs += delayMs;
      fn();
    });
    return { cancel: () => clearImmediate(handle) };
  }

  random(): number {
    return 0.5;
  }
}
