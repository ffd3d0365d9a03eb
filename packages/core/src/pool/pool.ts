/**
 * The pool: a bounded set of resources, lent one user at a time.
 *
 * Owns who has which resource, and the passage between idle, lent, checking and gone. Refuses retries of work, knowledge
 * of databases, and timers that keep a process alive. Creating, waiting, ageing and counting live in files beside it.
 *
 * Invariants: idle + lent + checking + creating <= max; a resource that could be lent never lies idle while somebody
 * waits, and newcomers never overtake those who wait; every acquire settles; after `close` nothing is left running.
 * A factory or listener may call the pool at any point: its state is changed before they are called.
 */
import type { MaybePromise } from "../async.ts";
import { type Clock, systemClock } from "../clock.ts";
import { isPromiseLike } from "./check.ts";
import { Closing } from "./closing.ts";
import { Creator } from "./creator.ts";
import { Disposal } from "./disposal.ts";
import { type DestroyReason, type Entry, UNTIMED } from "./entry.ts";
import { Health } from "./health.ts";
import { IdleList } from "./idle-list.ts";
import { Intake } from "./intake.ts";
import { Lease, type LeaseOwner } from "./lease.ts";
import {
  acquireTimeoutError,
  closedError,
  closeTimeoutError,
  failureToCreate,
  keepaliveError,
  overloadedError,
} from "./pool-errors.ts";
import { PoolEmitter, type PoolEvents } from "./pool-events.ts";
import {
  type AcquireOptions,
  objectionToAcquire,
  objectionToTimeout,
  type PoolDeps,
  type PoolOptions,
  parsePoolOptions,
  type ResolvedPoolOptions,
} from "./pool-options.ts";
import { type PoolGauges, PoolMeter, type PoolStats } from "./pool-stats.ts";
import type { ResourceFactory } from "./resource-factory.ts";
import { Sweeper } from "./sweeper.ts";
import { UseTimer } from "./use-timer.ts";
import { Waiter, Waiters } from "./waiters.ts";

/** A pool of any resource. docs/pool-options.md describes its options, events and statistics. */
export class Pool<R> implements AsyncDisposable {
  readonly #options: ResolvedPoolOptions;
  readonly #clock: Clock;
  /** Every resource in the pool; `idle` links those of them that nobody has. */
  readonly #entries: Map<R, Entry<R>> = new Map();
  readonly #idle: IdleList<R>;
  readonly #waiters: Waiters<R>;
  readonly #creator: Creator<R>;
  readonly #health: Health<R>;
  readonly #intake: Intake<R>;
  readonly #sweeper: Sweeper<R>;
  readonly #useTimer: UseTimer<R>;
  readonly #disposal: Disposal<R>;
  readonly #closing: Closing;
  readonly #closeSignal: AbortController = new AbortController();
  readonly #meter: PoolMeter;
  readonly #emitter: PoolEmitter<R> = new PoolEmitter();
  readonly #owner: LeaseOwner<R>;

  /**
   * Does no I/O: the first resource is created by `acquire`, `use` or `prewarm`.
   *
   * @throws TelepoolError `INVALID_OPTION`
   */
  constructor(factory: ResourceFactory<R>, options: PoolOptions = {}, deps: PoolDeps = {}) {
    const parsed = parsePoolOptions(options);
    if (factory.validate === undefined && parsed.keepaliveMs !== Number.POSITIVE_INFINITY) throw keepaliveError();
    const clock = deps.clock ?? systemClock;
    this.#options = parsed;
    this.#clock = clock;
    this.#meter = deps.meter ?? new PoolMeter();
    this.#idle = new IdleList(parsed.selection);
    this.#health = new Health(factory, parsed, clock);
    this.#disposal = new Disposal(factory, this.#emitter, this.#meter, () => this.#finishIfEmpty());
    this.#intake = new Intake(this.#entries, parsed, clock, this.#meter, this.#health, this.#disposal);
    this.#closing = new Closing(clock, () => this.#closeByForce());
    this.#waiters = new Waiters(clock, parsed.acquireTimeoutMs, (waiter, waiting) => this.#timeOut(waiter, waiting));
    this.#creator = new Creator(() => factory.create(this.#closeSignal.signal), parsed, clock, {
      unserved: () => this.#waiters.size - this.#health.promising,
      size: () => this.#entries.size,
      lenders: () => this.#entries.size - this.#idle.size - this.#health.validating + this.#health.promising,
      served: () => this.#meter.served,
      flawOf: (resource) => (this.#closing.hasBegun ? undefined : this.#intake.flawOf(resource)),
      created: (resource, createMs) => this.#created(resource, createMs),
      failed: (error, failures, retryInMs) => this.#createFailed(error, failures, retryInMs),
    });
    this.#sweeper = new Sweeper(this.#entries, parsed, clock, {
      hasSurplus: () => this.#entries.size > parsed.min,
      retire: (entry, reason) => this.#retireEntry(entry, reason, undefined),
      keepAlive: (entry) => this.#validate(entry),
      reportLeak: ({ resource, lentStack }, heldMs) =>
        this.#emitter.emit("leak", { resource, heldMs, stack: lentStack ?? "" }),
      swept: () => this.#serve(),
    });
    this.#useTimer = new UseTimer(parsed, clock, this.#meter, this.#emitter, (nowMs) =>
      this.#sweeper.watchLease(nowMs),
    );
    this.#owner = {
      giveBack: (entry) => this.#giveBack(entry),
      destroy: (entry, reason) => {
        if (entry.lentMs !== UNTIMED) this.#useTimer.returned(entry);
        this.#discard(entry, "destroyed", reason);
      },
      detach: (entry) => this.#detach(entry),
    };
  }

  /**
   * Lends a resource to `fn` until its result is there; the way to use the pool unless a resource must outlive a call.
   *
   * @throws TelepoolError as `acquire` does, and whatever `fn` throws
   */
  use<T>(fn: (resource: R) => MaybePromise<T>, options?: AcquireOptions): Promise<T> {
    const objection = options === undefined ? undefined : objectionToAcquire(options);
    if (objection !== undefined) return Promise.reject(objection);
    const entry = this.#takeIdle();
    if (entry === undefined) return this.#useQueued(fn, options);
    let result: MaybePromise<T>;
    try {
      result = fn(entry.resource);
    } catch (error) {
      this.#giveBack(entry);
      return Promise.reject(error);
    }
    if (!isPromiseLike(result)) {
      this.#giveBack(entry);
      return Promise.resolve(result);
    }
    return Promise.resolve(result).then(
      (value) => {
        this.#giveBack(entry);
        return value;
      },
      (error: unknown) => {
        this.#giveBack(entry);
        throw error;
      },
    );
  }

  /**
   * Lends a resource until its lease ends; whoever calls this sees to it that it does, best by `await using`.
   *
   * @throws TelepoolError `ACQUIRE_TIMEOUT` (its cause is the last failure to connect), `ABORTED`, `POOL_CLOSED`,
   *   `POOL_OVERLOADED` when `maxWaiting` callers wait already, `INVALID_ARGUMENT`
   */
  acquire(options?: AcquireOptions): Promise<Lease<R>> {
    const objection = options === undefined ? undefined : objectionToAcquire(options);
    if (objection !== undefined) return Promise.reject(objection);
    const entry = this.#takeIdle();
    if (entry === undefined) return this.#enqueue(options);
    return Promise.resolve(new Lease(entry, this.#owner));
  }

  /** Lends an idle resource that needs no validation, or nothing; it neither waits nor creates. */
  tryAcquire(): Lease<R> | undefined {
    const entry = this.#takeIdle();
    if (entry !== undefined) return new Lease(entry, this.#owner);
    // What is left needs validation: with one begun now, a later try finds a resource.
    const stale = this.#idle.first;
    if (stale !== undefined && this.#health.validating === 0) this.#validate(stale);
    return undefined;
  }

  /**
   * Creates up to `min` resources, all at once, and waits for them.
   *
   * @throws TelepoolError `CONNECT_FAILED` when one of them fails (the pool goes on trying), `POOL_CLOSED`
   */
  prewarm(): Promise<void> {
    if (this.#closing.hasBegun) return Promise.reject(closedError(this.#options.name));
    this.#creator.keepMin();
    const warm = this.#intake.whenWarm();
    this.#creator.fill();
    return warm;
  }

  stats(): PoolStats {
    return this.#meter.summary(this.#gauges(this.#waiters.size));
  }

  /** Adds a listener and returns the function that removes it. */
  on<K extends keyof PoolEvents<R>>(event: K, listener: (payload: PoolEvents<R>[K]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** For drivers: this resource broke. An idle one is destroyed now, one in use when it comes back, a strange one ignored. */
  retire(resource: R, error?: unknown): void {
    const entry = this.#entries.get(resource);
    if (entry === undefined) return;
    this.#retireEntry(entry, "broken", error);
    this.#emitter.emit("resourceError", { resource, error });
    this.#serve();
  }

  /**
   * Rejects those who wait, lets those who use a resource finish, and destroys everything. What is still there after
   * `timeoutMs` (`closeTimeoutMs` unless given) is destroyed under its user. A second call joins the first.
   *
   * @throws TelepoolError `CLOSE_TIMEOUT` when something was still in use, being created or being destroyed
   */
  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    if (this.#closing.promise !== undefined) return this.#closing.promise;
    const timeoutMs = options.timeoutMs ?? this.#options.closeTimeoutMs;
    const objection = objectionToTimeout(timeoutMs, 0);
    if (objection !== undefined) return Promise.reject(objection);
    const closed = this.#closing.begin();
    this.#closeGently(timeoutMs);
    return closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #takeIdle(): Entry<R> | undefined {
    const entry = this.#health.looksBeforeLending ? this.#firstFit() : this.#idle.first;
    // Somebody may wait for a validation while fresher resources lie idle: those are not for newcomers.
    if (entry === undefined || this.#waiters.size !== 0) return undefined;
    this.#idle.remove(entry, "lent");
    entry.wasLent = true;
    this.#meter.hits++;
    this.#useTimer.lent(entry);
    return entry;
  }

  /** The next idle resource unless it is due for validation; broken ones are destroyed on the way. */
  #firstFit(): Entry<R> | undefined {
    for (let entry = this.#idle.first; entry !== undefined; entry = this.#idle.first) {
      if (!this.#health.isBroken(entry.resource)) return this.#health.isStale(entry) ? undefined : entry;
      this.#retireEntry(entry, "broken", undefined);
    }
    return undefined;
  }

  async #useQueued<T>(fn: (resource: R) => MaybePromise<T>, options: AcquireOptions | undefined): Promise<T> {
    const lease = await this.#enqueue(options);
    try {
      const result = fn(lease.resource);
      return isPromiseLike(result) ? await result : result;
    } finally {
      lease.release();
    }
  }

  #enqueue(options: AcquireOptions | undefined): Promise<Lease<R>> {
    if (this.#closing.hasBegun) return Promise.reject(closedError(this.#options.name));
    const waiting = this.#waiters.size;
    const { maxWaiting } = this.#options;
    if (waiting >= maxWaiting) return Promise.reject(overloadedError(maxWaiting, this.#gauges(waiting)));
    this.#meter.misses++;
    if (waiting === 0) this.#creator.queueBegins();
    this.#creator.keepMin();
    return new Promise((resolve, reject) => {
      const timeoutMs = options?.timeoutMs ?? this.#options.acquireTimeoutMs;
      const waiter = new Waiter(this.#clock.monotonicMs(), timeoutMs, this.#useTimer.stack(), resolve, reject);
      this.#waiters.push(waiter, options?.signal);
      if (this.#idle.size > 0 || this.#entries.size < this.#options.max) this.#serve();
    });
  }

  #timeOut(waiter: Waiter<R>, waiting: number): void {
    this.#meter.timeouts++;
    const error = acquireTimeoutError(waiter.timeoutMs, this.#gauges(waiting), this.#creator.lastError);
    waiter.reject(error);
    this.#emitter.emit("acquireTimeout", { error, timeoutMs: waiter.timeoutMs });
  }

  /** Gives waiters what is idle, starts the validations that this takes, then the creations. */
  #serve(): void {
    while (this.#waiters.size > 0) {
      const entry = this.#idle.first;
      if (entry === undefined) break;
      if (this.#health.isBroken(entry.resource)) {
        this.#retireEntry(entry, "broken", undefined);
      } else if (!this.#health.isStale(entry)) {
        this.#idle.remove(entry, "checking");
        this.#offer(entry);
      } else if (this.#waiters.size > this.#health.validating) {
        this.#validate(entry);
      } else {
        break;
      }
    }
    this.#creator.fill();
  }

  /** Lends a resource that is known to work to the first waiter, or lays it down. */
  #offer(entry: Entry<R>): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#idle.addUnused(entry);
    else this.#lendTo(waiter, entry, this.#clock.monotonicMs());
  }

  #lendTo(waiter: Waiter<R>, entry: Entry<R>, nowMs: number): void {
    entry.state = "lent";
    entry.wasLent = true;
    this.#meter.served++;
    this.#meter.waitMs.record(nowMs - waiter.sinceMs);
    this.#useTimer.lentAt(entry, nowMs, waiter.stack);
    waiter.resolve(new Lease(entry, this.#owner));
  }

  #giveBack(entry: Entry<R>): void {
    if (entry.lentMs !== UNTIMED) this.#useTimer.returned(entry);
    if (entry.retireReason !== undefined) this.#discard(entry, entry.retireReason, entry.retireError);
    else if (!this.#health.looksOnReturn) this.#putBack(entry);
    else if (this.#health.isBroken(entry.resource)) this.#discard(entry, "broken", undefined);
    else if (this.#health.resets) this.#reset(entry);
    else this.#putBack(entry);
  }

  #putBack(entry: Entry<R>): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      this.#lendTo(waiter, entry, this.#clock.monotonicMs());
      return;
    }
    entry.idleSinceMs = this.#health.needsReturnTime ? this.#clock.monotonicMs() : UNTIMED;
    if (entry.idleSinceMs !== UNTIMED) entry.provenMs = entry.idleSinceMs;
    this.#idle.addUsed(entry);
  }

  #reset(entry: Entry<R>): void {
    entry.state = "checking";
    this.#health.reset(entry, (ok, error) => {
      if (ok && entry.retireReason === undefined) this.#putBack(entry);
      else this.#conclude(entry, ok, "reset", error);
    });
  }

  #detach(entry: Entry<R>): void {
    if (entry.lentMs !== UNTIMED) this.#useTimer.returned(entry);
    if (entry.state === "gone") return;
    entry.state = "gone";
    this.#entries.delete(entry.resource);
    this.#meter.detached++;
    this.#creator.fill();
    this.#finishIfEmpty();
  }

  /** Validates an idle resource; afterwards the first waiter has it, or it lies idle again. */
  #validate(entry: Entry<R>): void {
    this.#idle.remove(entry, "checking");
    this.#health.validate(entry, (ok, error, firstDoubt) => {
      this.#conclude(entry, ok, "invalid", error);
      if (firstDoubt) this.#validateStale();
      this.#serve();
    });
  }

  /** What becomes of a resource that was looked at: its retirement, or destruction for `reason`, or the next user. */
  #conclude(entry: Entry<R>, ok: boolean, reason: DestroyReason, error: unknown): void {
    if (entry.retireReason !== undefined) this.#discard(entry, entry.retireReason, entry.retireError);
    else if (ok) this.#offer(entry);
    else this.#discard(entry, reason, error);
  }

  /** One idle resource has died, so the others are asked too, all at once and not one limit after the other. */
  #validateStale(): void {
    for (const entry of this.#entries.values()) {
      if (entry.state === "idle" && this.#health.isStale(entry)) this.#validate(entry);
    }
  }

  /** Destroys an idle resource now, and any other as soon as nobody has it. */
  #retireEntry(entry: Entry<R>, reason: DestroyReason, error: unknown): void {
    if (entry.state === "idle") {
      this.#idle.remove(entry, "checking");
      this.#discard(entry, reason, error);
    } else if (entry.retireReason === undefined) {
      entry.retireReason = reason;
      entry.retireError = error;
    }
  }

  /** Destroys a resource that is not idle, and has it replaced if it is missed. */
  #discard(entry: Entry<R>, reason: DestroyReason, error: unknown): void {
    if (entry.state === "gone") return;
    entry.state = "gone";
    this.#entries.delete(entry.resource);
    this.#disposal.dispose(entry.resource, reason, error);
    if (!entry.wasLent && (reason === "broken" || reason === "invalid"))
      this.#creator.brokeUnused(entry.provenMs, error);
    this.#creator.fill();
  }

  #created(resource: R, createMs: number): void {
    if (this.#closing.hasBegun) {
      this.#intake.refuse(resource);
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    const entry = this.#intake.register(resource, createMs, nowMs);
    this.#sweeper.watch(entry, nowMs);
    this.#emitter.emit("create", { resource, createMs });
    this.#conclude(entry, true, "broken", undefined);
    this.#intake.progress();
  }

  #createFailed(error: unknown, failures: number, retryInMs: number): void {
    if (this.#closing.hasBegun) {
      this.#finishIfEmpty();
      return;
    }
    this.#meter.createFailures++;
    this.#intake.progress(failureToCreate(error));
    if (this.#health.isPermanent(error)) this.#waiters.rejectAll(() => failureToCreate(error));
    this.#emitter.emit("createError", { error, failures, retryInMs });
  }

  #closeGently(timeoutMs: number): void {
    this.#creator.stop();
    this.#sweeper.stop();
    this.#waiters.rejectAll(() => closedError(this.#options.name));
    const reason = closedError(this.#options.name);
    this.#intake.progress(reason);
    this.#closing.limit(timeoutMs);
    for (const entry of this.#entries.values()) this.#retireEntry(entry, "closed", undefined);
    this.#health.cancelAll(reason);
    this.#closeSignal.abort(reason);
    this.#finishIfEmpty();
  }

  #finishIfEmpty(): void {
    if (!this.#closing.isUnderWay) return;
    if (this.#entries.size > 0 || this.#creator.creating > 0 || this.#disposal.pending > 0) return;
    this.#closing.finish(undefined);
    this.#emitter.emit("close", { timedOut: false });
  }

  #closeByForce(): void {
    this.#closing.finish(closeTimeoutError(this.#options.name, this.#gauges(0), this.#disposal.pending));
    for (const entry of this.#entries.values()) this.#discard(entry, "closed", undefined);
    this.#emitter.emit("close", { timedOut: true });
  }

  #gauges(waiting: number): PoolGauges {
    const idle = this.#idle.size;
    const inUse = this.#entries.size - idle;
    const lent = inUse - this.#health.checking;
    return { max: this.#options.max, inUse, lent, idle, creating: this.#creator.creating, waiting };
  }
}
