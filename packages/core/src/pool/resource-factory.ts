/**
 * How a pool's resources are made, tried and unmade: the port that a driver implements.
 *
 * Each function may answer at once or with a promise. What it throws never leaves the pool's hands: a failed `create`
 * is retried, a failed check has the resource destroyed, a failed `destroy` is an event.
 */
import type { MaybePromise } from "../async.ts";

/** Makes and unmakes the resources of one pool. */
export interface ResourceFactory<R> {
  /**
   * Makes a resource that is ready for use: what a connection needs once, such as its settings, belongs here and is
   * awaited. The signal aborts when the pool closes. The limit on how long this may take is the factory's own.
   */
  create(signal: AbortSignal): MaybePromise<R>;
  destroy(resource: R): MaybePromise<void>;
  /**
   * Whether the resource still works; asked before lending one that has lain idle for `validateAfterIdleMs`. The signal
   * aborts after `validateTimeoutMs` and when the pool closes.
   */
  validate?(resource: R, signal: AbortSignal): MaybePromise<boolean>;
  /** Asked on release, for at most `validateTimeoutMs`; after `false` or an error the resource is destroyed. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a reset that returns nothing has succeeded
  reset?(resource: R): MaybePromise<boolean | void>;
  /**
   * Whether a failed `create` would fail again however often it is tried, as with a wrong password: then those who wait
   * are told at once, instead of at their deadlines.
   */
  isPermanent?(error: unknown): boolean;
  /** A look at a flag, on release and on lending; it must be cheap. */
  isBroken?(resource: R): boolean;
}
