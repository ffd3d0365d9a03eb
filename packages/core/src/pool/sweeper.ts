/**
 * Looks after resources as time passes: age, idleness, keepalive, leaks.
 *
 * Owns one timer, and only while there is something to wait for. A sweep reads every entry (a pool is small and a sweep
 * rare), so that lending and giving back need not move timers. Resources in use are never touched: that they are to be
 * retired is noted, and done when they come back.
 */
import type { Clock } from "../clock.ts";
import { DueTimer } from "./due-timer.ts";
import { type Entry, UNTIMED } from "./entry.ts";
import type { ResolvedPoolOptions } from "./pool-options.ts";

/** Idle times are looked at this often within their limit: a limit of T takes effect after T to 1.25 T. */
const LOOKS_PER_LIMIT = 4;

/** What the sweeper has the pool do. */
export interface SweeperHost<R> {
  /** Whether an idle resource may go without the pool falling below `min`. */
  hasSurplus(): boolean;
  retire(entry: Entry<R>, reason: "idle" | "lifetime"): void;
  /** Validates an idle resource, so that nothing between here and the server forgets the connection. */
  keepAlive(entry: Entry<R>): void;
  reportLeak(entry: Entry<R>, heldMs: number): void;
  /** A sweep is over; it may have uncovered an idle resource that can be lent to a waiter. */
  swept(): void;
}

/** Periodic care for the entries of one pool. */
export class Sweeper<R> {
  readonly #entries: ReadonlyMap<R, Entry<R>>;
  readonly #options: ResolvedPoolOptions;
  readonly #clock: Clock;
  readonly #host: SweeperHost<R>;
  readonly #timer: DueTimer;

  constructor(entries: ReadonlyMap<R, Entry<R>>, options: ResolvedPoolOptions, clock: Clock, host: SweeperHost<R>) {
    this.#entries = entries;
    this.#options = options;
    this.#clock = clock;
    this.#host = host;
    this.#timer = new DueTimer(clock, () => this.#sweep());
  }

  /** A resource has joined the pool. */
  watch(entry: Entry<R>, nowMs: number): void {
    this.#timer.arm(Math.min(entry.expiresMs, this.#nextLookMs(nowMs)), nowMs);
  }

  /** A resource was lent while leaks are looked for. */
  watchLease(nowMs: number): void {
    this.#timer.arm(nowMs + this.#options.leakThresholdMs, nowMs);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const entry of this.#entries.values()) {
      if (entry.expiresMs <= nowMs) this.#host.retire(entry, "lifetime");
      else if (entry.state === "idle") this.#lookAtIdle(entry, nowMs);
      // Also one that is to be retired, for a resource that never comes back is the one to hear of.
      if (entry.state === "lent") this.#lookAtLease(entry, nowMs);
    }
    let nextMs = this.#entries.size === 0 ? Number.POSITIVE_INFINITY : this.#nextLookMs(nowMs);
    for (const entry of this.#entries.values()) {
      if (entry.expiresMs > nowMs) nextMs = Math.min(nextMs, entry.expiresMs);
      if (entry.state === "lent" && entry.lentMs !== UNTIMED && !entry.leakReported) {
        nextMs = Math.min(nextMs, entry.lentMs + this.#options.leakThresholdMs);
      }
    }
    this.#timer.arm(nextMs, nowMs);
    this.#host.swept();
  }

  #lookAtIdle(entry: Entry<R>, nowMs: number): void {
    const { idleTimeoutMs, keepaliveMs } = this.#options;
    if (entry.idleSinceMs === UNTIMED) entry.idleSinceMs = nowMs;
    if (nowMs - entry.idleSinceMs >= idleTimeoutMs && this.#host.hasSurplus()) this.#host.retire(entry, "idle");
    else if (nowMs - entry.provenMs >= keepaliveMs) this.#host.keepAlive(entry);
  }

  #lookAtLease(entry: Entry<R>, nowMs: number): void {
    if (entry.lentMs === UNTIMED || entry.leakReported) return;
    if (entry.lentMs + this.#options.leakThresholdMs > nowMs) return;
    entry.leakReported = true;
    this.#host.reportLeak(entry, nowMs - entry.lentMs);
  }

  #nextLookMs(nowMs: number): number {
    const { idleTimeoutMs, keepaliveMs } = this.#options;
    const limitMs = Math.min(this.#host.hasSurplus() ? idleTimeoutMs : Number.POSITIVE_INFINITY, keepaliveMs);
    return nowMs + Math.max(1, limitMs / LOOKS_PER_LIMIT);
  }
}
