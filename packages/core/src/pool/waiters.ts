/**
 * Those who wait for a resource, first come first served: an intrusive doubly linked list, so that joining, being
 * served and giving up are O(1) each.
 *
 * Owns the deadlines: one timer for the earliest of them. A deadline is absolute, for a waiter stays in its place until
 * it is served, times out, is aborted, or the pool closes; each of these settles it exactly once and takes it out.
 * Served waiters leave the timer armed; it then fires for nothing, which is cheaper than moving it each time.
 */
import type { Clock } from "../clock.ts";
import { abortedError } from "../errors.ts";
import { DueTimer } from "./due-timer.ts";
import type { Lease } from "./lease.ts";

/** A queue of n waiters is searched for expired ones every n / 1000 ms at most, which bounds the search to 1 % of a core. */
const WAITERS_PER_MS = 1000;

/** One caller in the queue. */
export class Waiter<R> {
  readonly sinceMs: number;
  readonly timeoutMs: number;
  /** Where it asked, while leaks are looked for. */
  readonly stack: string | undefined;
  readonly resolve: (lease: Lease<R>) => void;
  readonly reject: (error: unknown) => void;
  /** Takes its abort listener away, if it has one. */
  unlisten: (() => void) | undefined = undefined;
  previous: Waiter<R> | undefined = undefined;
  next: Waiter<R> | undefined = undefined;

  constructor(
    nowMs: number,
    timeoutMs: number,
    stack: string | undefined,
    resolve: (lease: Lease<R>) => void,
    reject: (error: unknown) => void,
  ) {
    this.sinceMs = nowMs;
    this.timeoutMs = timeoutMs;
    this.stack = stack;
    this.resolve = resolve;
    this.reject = reject;
  }

  get deadlineMs(): number {
    return this.sinceMs + this.timeoutMs;
  }
}

/** The queue of waiters and their deadlines. */
export class Waiters<R> {
  readonly #clock: Clock;
  readonly #defaultTimeoutMs: number;
  readonly #expired: (waiter: Waiter<R>, waiting: number) => void;
  readonly #timer: DueTimer;
  #first: Waiter<R> | undefined;
  #last: Waiter<R> | undefined;
  #size = 0;
  /** Waiters with a timeout of their own: without any, the queue is in the order of the deadlines too. */
  #unordered = 0;

  /** `expired` settles a waiter that was taken out at its deadline; `waiting` is how many there were, it included. */
  constructor(clock: Clock, defaultTimeoutMs: number, expired: (waiter: Waiter<R>, waiting: number) => void) {
    this.#clock = clock;
    this.#defaultTimeoutMs = defaultTimeoutMs;
    this.#expired = expired;
    this.#timer = new DueTimer(clock, () => this.#expire());
  }

  get size(): number {
    return this.#size;
  }

  /** Puts `waiter` at the end; it leaves, rejected, when `signal` aborts. */
  push(waiter: Waiter<R>, signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.#endOnAbort(waiter, signal);
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#size++;
    if (waiter.timeoutMs !== this.#defaultTimeoutMs) this.#unordered++;
    this.#timer.arm(waiter.deadlineMs, waiter.sinceMs);
  }

  /** Takes out the one who has waited longest. */
  shift(): Waiter<R> | undefined {
    const waiter = this.#first;
    if (waiter !== undefined) this.remove(waiter);
    return waiter;
  }

  /** Takes out `waiter`, which is in the queue, and its abort listener. */
  remove(waiter: Waiter<R>): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    this.#size--;
    if (waiter.timeoutMs !== this.#defaultTimeoutMs) this.#unordered--;
    if (waiter.unlisten !== undefined) waiter.unlisten();
  }

  /** Takes out and rejects everybody, and stops the timer. */
  rejectAll(error: () => unknown): void {
    this.#timer.cancel();
    for (let waiter = this.shift(); waiter !== undefined; waiter = this.shift()) waiter.reject(error());
  }

  #endOnAbort(waiter: Waiter<R>, signal: AbortSignal): void {
    const onAbort = (): void => {
      this.remove(waiter);
      waiter.reject(abortedError(signal, "waiting for a connection"));
    };
    signal.addEventListener("abort", onAbort);
    waiter.unlisten = () => signal.removeEventListener("abort", onAbort);
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    const expired: Waiter<R>[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) {
      if (waiter.deadlineMs <= nowMs) expired.push(waiter);
      else {
        nextMs = Math.min(nextMs, waiter.deadlineMs);
        if (this.#unordered === 0) break;
      }
    }
    const waiting = this.#size;
    for (const waiter of expired) this.remove(waiter);
    if (this.#size > 0) this.#timer.arm(Math.max(nextMs, nowMs + Math.floor(this.#size / WAITERS_PER_MS)), nowMs);
    // Last, because a listener may come back into the queue from here.
    for (const waiter of expired) this.#expired(waiter, waiting);
  }
}
