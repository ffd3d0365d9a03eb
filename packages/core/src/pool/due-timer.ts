/**
 * One timer for the earliest of many moments: arming it for a later moment than the one it waits for does nothing.
 *
 * Owns at most one timer of the clock. It may fire without cause (the moment it was armed for is gone): its function
 * looks at the time itself and arms again what is still to come. So nobody pays for moving a timer on the fast path.
 */
import type { Clock, Timer } from "../clock.ts";

/** A single-shot timer for the earliest moment that it was armed for. */
export class DueTimer {
  readonly #clock: Clock;
  readonly #fire: () => void;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, fire: () => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  get isArmed(): boolean {
    return this.#timer !== undefined;
  }

  /** Fires at `dueMs` of the monotonic clock or earlier; `Infinity` is never. */
  arm(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    // Timers cut fractions off: without the ceiling one would fire before its moment and have to be set again.
    this.#timer = this.#clock.setTimer(
      () => {
        this.#forget();
        this.#fire();
      },
      Math.max(0, Math.ceil(dueMs - nowMs)),
    );
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#forget();
  }

  #forget(): void {
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
