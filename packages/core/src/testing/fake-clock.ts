/**
 * A clock that a test moves by hand. Owns its timers and its random numbers; reads nothing from the machine, so that a
 * seed replays a run exactly.
 *
 * Invariants: timers fire in the order of their time, then of their setting; while one fires, the time is its time;
 * between two of them every promise that can settle does.
 */
import type { Clock, Timer } from "../clock.ts";

interface FakeTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly fn: () => void;
}

/** More timers than this in one `advance` are taken for a loop, which would otherwise never come back. */
const MOST_TIMERS = 100_000;

/** How a `FakeClock` starts: the wall time (2026-01-01 unless told) and the seed of its random numbers. */
export interface FakeClockOptions {
  readonly startMs?: number;
  readonly seed?: number;
}

/**
 * A small seeded generator of numbers in [0, 1): mulberry32 by Tommy Ettinger, public domain
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets every settled promise run its reactions, and theirs, by yielding one macrotask of the real event loop. */
export function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Time for tests: it stands still until `advance`. */
export class FakeClock implements Clock {
  readonly #startMs: number;
  readonly #random: () => number;
  readonly #timers: Set<FakeTimer> = new Set();
  #elapsedMs = 0;
  #order = 0;

  constructor(options: FakeClockOptions = {}) {
    this.#startMs = options.startMs ?? Date.UTC(2026, 0, 1);
    this.#random = seededRandom(options.seed ?? 1);
  }

  /** How many timers are set and have not fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  wallMs(): number {
    return Math.floor(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  random(): number {
    return this.#random();
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fn };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
      },
    };
  }

  /** Moves the time on by `ms` and runs what falls due on the way, with settled promises drained before and after each. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#elapsedMs + ms;
    await drainMicrotasks();
    let fired = 0;
    for (let timer = this.#earliest(targetMs); timer !== undefined; timer = this.#earliest(targetMs)) {
      if (++fired > MOST_TIMERS)
        throw new Error(`more than ${MOST_TIMERS} timers fired within ${ms} ms: they set each other without end`);
      this.#timers.delete(timer);
      this.#elapsedMs = timer.dueMs;
      timer.fn();
      await drainMicrotasks();
    }
    this.#elapsedMs = targetMs;
  }

  #earliest(limitMs: number): FakeTimer | undefined {
    let earliest: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > limitMs) continue;
      if (earliest === undefined || timer.dueMs < earliest.dueMs) earliest = timer;
      else if (timer.dueMs === earliest.dueMs && timer.order < earliest.order) earliest = timer;
    }
    return earliest;
  }
}
