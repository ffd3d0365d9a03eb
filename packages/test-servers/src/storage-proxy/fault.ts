/** What a storage proxy can do to a request instead of passing it on. */

/** A request as it reached the proxy. */
export interface StorageRequest {
  readonly method: string;
  /** The object's key; empty for a request that names only the bucket. */
  readonly key: string;
  /** Such as `list-type`, `prefix` and `delete`. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The length of its body. */
  readonly bytes: number;
  /** How many requests with this method, key and query there have been, this one included. */
  readonly attempt: number;
}

/** What sets timers: a clock of telepool's. */
export interface TimerClock {
  setTimer(fn: () => void, delayMs: number): unknown;
}

/**
 * - `delay`: passed on after `ms`, by the clock or in real time; the answer comes as usual.
 * - `cutBeforeForward`: the connection is destroyed; the storage never sees the request.
 * - `swallowReply`: the storage does what was asked, and the connection is destroyed instead of the answer.
 * - `answer`: the proxy answers by itself, with an S3 error of that code or with `body`; the storage sees nothing.
 * - `truncate`: half of the answer's body comes, although its full length was announced, then the connection is destroyed.
 * - `stall`: half of the answer's body comes, and nothing more; the connection stays open.
 * - `corrupt`: one bit of the answer's body is another.
 */
export type Fault =
  | DelayFault
  | { readonly kind: "cutBeforeForward" }
  | { readonly kind: "swallowReply" }
  | AnswerFault
  | { readonly kind: "truncate" }
  | { readonly kind: "stall" }
  | { readonly kind: "corrupt" };

/** A request that comes late. */
export interface DelayFault {
  readonly kind: "delay";
  readonly ms: number;
  readonly clock?: TimerClock;
}

/** An answer of the proxy's own. */
export interface AnswerFault {
  readonly kind: "answer";
  readonly status: number;
  /** The S3 error's code, such as `SlowDown`; one that fits the status without it. */
  readonly code?: string;
  readonly message?: string;
  /** Such as `retry-after` and `date`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of an S3 error. */
  readonly body?: string;
}

/** Decides what happens to a request; it is passed on when nothing is returned. */
export type Faults = (request: StorageRequest) => Fault | undefined;
