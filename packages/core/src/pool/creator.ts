/**
 * Creates resources: when, how many at once, and when again after a failure.
 *
 * Rules, in this order:
 * - Never more than `max` in all, and never more creations than there are waiters without one on its way; those for
 *   `min` come on top.
 * - After a failure nothing is created until the back-off has passed, and then one attempt at a time until one succeeds.
 * - While somebody holds a resource and may give it back, creations for waiters start one at a time. Every 10 ms the
 *   allowance doubles if, at the pace of these 10 ms, the queue would take longer to drain than a creation takes.
 * - When nobody holds any, only creating helps: every waiter may have its creation at once.
 */
import type { MaybePromise } from "../async.ts";
import type { Clock } from "../clock.ts";
import { isPromiseLike } from "./check.ts";
import { DueTimer } from "./due-timer.ts";
import type { ResolvedPoolOptions } from "./pool-options.ts";

/** How often the allowance of parallel creations is looked at again. */
const GROWTH_TICK_MS = 10;
/** What a creation is taken to last before the first one was seen. */
const FIRST_GUESS_MS = 100;

/** What the creator asks of the pool, and where it delivers. */
export interface CreatorHost<R> {
  /** Waiters for whom nothing is on its way; creations are not counted. */
  unserved(): number;
  /** Resources in the pool, those being created excluded. */
  size(): number;
  /** Resources that somebody may give back soon. */
  lenders(): number;
  /** Waiters served so far. */
  served(): number;
  /** Why a resource that was just created cannot be taken; the pool has then disposed of it. */
  flawOf(resource: R): unknown;
  created(resource: R, createMs: number): void;
  failed(error: unknown, failures: number, retryInMs: number): void;
}

/** Starts creations as demand and the rules allow. */
export class Creator<R> {
  readonly #create: () => MaybePromise<R>;
  readonly #options: ResolvedPoolOptions;
  readonly #clock: Clock;
  readonly #host: CreatorHost<R>;
  readonly #retryTimer: DueTimer;
  readonly #growthTimer: DueTimer;
  #creating = 0;
  #keepsMin = false;
  #failures = 0;
  #notBeforeMs = 0;
  /** When the latest creation started. */
  #startedMs = 0;
  #lastError: unknown;
  #expectedMs = FIRST_GUESS_MS;
  #parallel = 1;
  #servedAtTick = 0;
  #stopped = false;

  constructor(create: () => MaybePromise<R>, options: ResolvedPoolOptions, clock: Clock, host: CreatorHost<R>) {
    this.#create = create;
    this.#options = options;
    this.#clock = clock;
    this.#host = host;
    this.#retryTimer = new DueTimer(clock, () => this.fill());
    this.#growthTimer = new DueTimer(clock, () => this.#grow());
  }

  /** Creations in flight. */
  get creating(): number {
    return this.#creating;
  }

  /** What the last creation failed with; undefined once one has succeeded since. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** From now on `min` is kept without anybody waiting. */
  keepMin(): void {
    this.#keepsMin = true;
  }

  /** A queue begins: what an earlier one was allowed does not count for it. */
  queueBegins(): void {
    this.#parallel = 1;
  }

  /** Starts what may be started now; what may be later has its timer. */
  fill(): void {
    while (this.#mayCreate()) this.#start();
  }

  /** A resource broke before anybody had used it. If it was young its creation has failed after all. */
  brokeUnused(bornMs: number, error: unknown): void {
    if (this.#clock.monotonicMs() - bornMs < this.#options.connectBackoff.maxMs) this.#backOff(error);
  }

  /** Starts nothing more; what is in flight is still delivered. */
  stop(): void {
    this.#stopped = true;
    this.#retryTimer.cancel();
    this.#growthTimer.cancel();
  }

  #mayCreate(): boolean {
    const total = this.#host.size() + this.#creating;
    if (this.#stopped || total >= this.#options.max) return false;
    const belowMin = this.#keepsMin && total < this.#options.min;
    if (!belowMin && this.#host.unserved() <= this.#creating) return false;
    if (this.#failures > 0) return this.#mayRetry();
    if (belowMin || this.#creating < this.#parallel || this.#host.lenders() === 0) return true;
    this.#awaitGrowth();
    return false;
  }

  #mayRetry(): boolean {
    const nowMs = this.#clock.monotonicMs();
    // An attempt that hangs must not keep the next one back for longer than the longest step.
    const patienceMs = this.#creating === 0 ? 0 : this.#startedMs + this.#options.connectBackoff.maxMs;
    const allowedMs = Math.max(this.#notBeforeMs, patienceMs);
    if (nowMs >= allowedMs) return true;
    this.#retryTimer.arm(allowedMs, nowMs);
    return false;
  }

  #awaitGrowth(): void {
    if (this.#growthTimer.isArmed) return;
    this.#servedAtTick = this.#host.served();
    const nowMs = this.#clock.monotonicMs();
    this.#growthTimer.arm(nowMs + GROWTH_TICK_MS, nowMs);
  }

  #grow(): void {
    const served = this.#host.served() - this.#servedAtTick;
    const unserved = this.#host.unserved();
    if (unserved * GROWTH_TICK_MS > served * this.#expectedMs) {
      this.#parallel = Math.min(this.#options.max, this.#parallel * 2);
    }
    this.fill();
  }

  /** A creation that ends at once does not call `fill`: the loop in `fill` is what called it. */
  #start(): void {
    this.#creating++;
    const startedMs = this.#clock.monotonicMs();
    this.#startedMs = startedMs;
    let resource: MaybePromise<R>;
    try {
      resource = this.#create();
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (!isPromiseLike(resource)) {
      this.#created(resource, startedMs);
      return;
    }
    resource.then(
      (created) => {
        this.#created(created, startedMs);
        this.fill();
      },
      (error: unknown) => {
        this.#failed(error);
        this.fill();
      },
    );
  }

  #created(resource: R, startedMs: number): void {
    const flaw = this.#host.flawOf(resource);
    if (flaw !== undefined) {
      this.#failed(flaw);
      return;
    }
    const createMs = this.#clock.monotonicMs() - startedMs;
    this.#creating--;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#expectedMs += (createMs - this.#expectedMs) / 4;
    this.#host.created(resource, createMs);
  }

  #failed(error: unknown): void {
    this.#creating--;
    this.#backOff(error);
  }

  #backOff(error: unknown): void {
    this.#lastError = error;
    const nowMs = this.#clock.monotonicMs();
    // Creations that fail together are one failure of the server and count as one step.
    if (this.#failures === 0 || nowMs >= this.#notBeforeMs) {
      const { initialMs, maxMs } = this.#options.connectBackoff;
      const fullMs = Math.min(maxMs, initialMs * 2 ** this.#failures);
      this.#failures++;
      this.#notBeforeMs = nowMs + fullMs * (1 - this.#clock.random() / 2);
    }
    this.#host.failed(error, this.#failures, this.#notBeforeMs - nowMs);
  }
}
