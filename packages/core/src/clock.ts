/**
 * Time as a dependency: the pool, the queues and the repository read it and set timers only through a `Clock`, so that
 * a test moves time by hand. The timers of the system clock never keep a process alive.
 */

/** A timer that can be cancelled; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where telepool reads the time and sets its timers. */
export interface Clock {
  /** Milliseconds since 1970, an integer: what is written into rows. */
  wallMs(): number;
  /** Milliseconds on a clock that never goes back, with fractions: what durations are measured with. */
  monotonicMs(): number;
  /** Calls `fn` once after `delayMs`, unless it is cancelled before. */
  setTimer(fn: () => void, delayMs: number): Timer;
  /** A number in [0, 1): where jitter comes from. */
  random(): number;
}

class SystemTimer implements Timer {
  readonly #handle: ReturnType<typeof setTimeout>;

  constructor(fn: () => void, delayMs: number) {
    this.#handle = setTimeout(fn, delayMs);
    this.#handle.unref();
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** The real clock. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (fn, delayMs) => new SystemTimer(fn, delayMs),
  random: () => Math.random(),
};
