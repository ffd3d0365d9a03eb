/**
 * The end of a pool: open, closing, closed. Owns the promise that every call of `close` returns, and its deadline.
 */
import type { Clock } from "../clock.ts";
import { Deferred } from "./deferred.ts";
import { DueTimer } from "./due-timer.ts";

/** How far a pool is on its way to being closed. */
export class Closing {
  readonly #timer: DueTimer;
  readonly #clock: Clock;
  #end: Deferred<void> | undefined;
  #isOver = false;

  /** `deadline` is called when the pool has not closed in time; it ends the closing. */
  constructor(clock: Clock, deadline: () => void) {
    this.#clock = clock;
    this.#timer = new DueTimer(clock, deadline);
  }

  /** The promise of the end, once closing has begun. */
  get promise(): Promise<void> | undefined {
    return this.#end?.promise;
  }

  get hasBegun(): boolean {
    return this.#end !== undefined;
  }

  /** Whether closing has begun and not ended. */
  get isUnderWay(): boolean {
    return this.#end !== undefined && !this.#isOver;
  }

  begin(): Promise<void> {
    this.#end = new Deferred();
    return this.#end.promise;
  }

  limit(timeoutMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#timer.arm(nowMs + timeoutMs, nowMs);
  }

  /** Ends it, well or with an error. */
  finish(error: Error | undefined): void {
    this.#isOver = true;
    this.#timer.cancel();
    if (error === undefined) this.#end?.resolve();
    else this.#end?.reject(error);
  }
}
