/**
 * Measures how long resources are in use: one use in `sampleEvery`, since two clock reads cost more than all the rest of
 * an uncontended use; every use while leaks are looked for.
 */
import type { Clock } from "../clock.ts";
import { type Entry, UNTIMED } from "./entry.ts";
import type { PoolEmitter } from "./pool-events.ts";
import type { ResolvedPoolOptions } from "./pool-options.ts";
import type { PoolMeter } from "./pool-stats.ts";

/** Times uses and remembers who has what, where `leakThresholdMs` asks for it. */
export class UseTimer<R> {
  /** Whether every use is timed and has its stack taken. */
  readonly tracesLeaks: boolean;
  readonly #every: number;
  readonly #clock: Clock;
  readonly #meter: PoolMeter;
  readonly #emitter: PoolEmitter<R>;
  readonly #leakPossible: (nowMs: number) => void;
  /** Counts down to the next use that is timed; never 0 where none is. */
  #untilTimed: number;

  /** `leakPossible` is told of each use that will have to be looked at when `leakThresholdMs` has passed. */
  constructor(
    options: ResolvedPoolOptions,
    clock: Clock,
    meter: PoolMeter,
    emitter: PoolEmitter<R>,
    leakPossible: (nowMs: number) => void,
  ) {
    this.tracesLeaks = options.leakThresholdMs !== Number.POSITIVE_INFINITY;
    this.#every = this.tracesLeaks ? 1 : options.sampleEvery;
    this.#untilTimed = this.#every === 0 ? -1 : 1;
    this.#clock = clock;
    this.#meter = meter;
    this.#emitter = emitter;
    this.#leakPossible = leakPossible;
  }

  /** Where the caller stands, if leaks are looked for. */
  stack(): string | undefined {
    return this.tracesLeaks ? new Error("acquired here").stack : undefined;
  }

  /** To be called for each resource that is lent at once. */
  lent(entry: Entry<R>): void {
    if (--this.#untilTimed === 0) this.#time(entry, this.#clock.monotonicMs(), this.stack());
  }

  /** To be called for each resource that is lent to somebody who waited; the time was read already. */
  lentAt(entry: Entry<R>, nowMs: number, stack: string | undefined): void {
    if (--this.#untilTimed === 0) this.#time(entry, nowMs, stack);
  }

  /** To be called for each resource that comes back and whose use was timed. */
  returned(entry: Entry<R>): void {
    const heldMs = this.#clock.monotonicMs() - entry.lentMs;
    this.#meter.useMs.record(heldMs);
    entry.lentMs = UNTIMED;
    if (!entry.leakReported) return;
    entry.leakReported = false;
    this.#emitter.emit("leakReturned", { resource: entry.resource, heldMs, stack: entry.lentStack ?? "" });
  }

  #time(entry: Entry<R>, nowMs: number, stack: string | undefined): void {
    this.#untilTimed = this.#every;
    entry.lentMs = nowMs;
    entry.lentStack = stack;
    if (this.tracesLeaks) this.#leakPossible(nowMs);
  }
}
