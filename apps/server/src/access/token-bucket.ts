/**
 * How many requests a token may make: a bucket that holds as many as fit into one second, and fills at that rate.
 *
 * No timer and no table of clients: each token of the configuration has one bucket, so nothing grows with the traffic.
 */

/** What a request was told. */
export interface Take {
  readonly allowed: boolean;
  /** Whole requests that are left. */
  readonly remaining: number;
  /** Until there is room for another request, in milliseconds; 0 where there is. */
  readonly retryAfterMs: number;
}

/** The budget of one token. */
export class TokenBucket {
  readonly ratePerSecond: number;
  /** At least one request fits, however slowly it fills. */
  readonly capacity: number;
  readonly #nowMs: () => number;
  #level: number;
  #filledMs: number;

  constructor(ratePerSecond: number, nowMs: () => number = () => performance.now()) {
    this.ratePerSecond = ratePerSecond;
    this.capacity = Math.max(1, Math.floor(ratePerSecond));
    this.#nowMs = nowMs;
    this.#level = this.capacity;
    this.#filledMs = nowMs();
  }

  /** Takes one request out, if there is one. */
  take(): Take {
    const now = this.#nowMs();
    const gained = ((now - this.#filledMs) * this.ratePerSecond) / 1000;
    this.#level = Math.min(this.capacity, this.#level + gained);
    this.#filledMs = now;
    const allowed = this.#level >= 1;
    if (allowed) this.#level--;
    const retryAfterMs = this.#level >= 1 ? 0 : ((1 - this.#level) * 1000) / this.ratePerSecond;
    return { allowed, remaining: Math.floor(this.#level), retryAfterMs };
  }
}
