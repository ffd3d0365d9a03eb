/**
 * What a pool tells about itself, and to whom.
 *
 * Listeners run synchronously, after the pool's state has changed and may call the pool. One that throws never harms
 * the pool or another listener: its error goes to the listeners of `listenerError`, and is dropped if there are none or
 * if one of those throws. Events tell of rare things only; acquiring and releasing have none.
 */
import type { DestroyReason } from "./entry.ts";

/** The payload of each event. */
export interface PoolEvents<R> {
  /** A resource was created in `createMs`. */
  create: { readonly resource: R; readonly createMs: number };
  /** Creating failed `failures` times in a row; the next attempt comes no earlier than in `retryInMs`. */
  createError: { readonly error: unknown; readonly failures: number; readonly retryInMs: number };
  /** A resource left the pool and is being destroyed; `error` is what caused it, if anything did. */
  destroy: { readonly resource: R; readonly reason: DestroyReason; readonly error: unknown };
  /** Destroying failed; the pool has forgotten the resource all the same. */
  destroyError: { readonly resource: R; readonly error: unknown };
  /** The driver reported through `retire` that a resource broke. */
  resourceError: { readonly resource: R; readonly error: unknown };
  /** A caller waited in vain until its deadline. */
  acquireTimeout: { readonly error: Error; readonly timeoutMs: number };
  /** A resource has been out for longer than `leakThresholdMs`; `stack` says who took it. */
  leak: { readonly resource: R; readonly heldMs: number; readonly stack: string };
  /** A resource that was reported as a leak came back after all. */
  leakReturned: { readonly resource: R; readonly heldMs: number; readonly stack: string };
  /** The pool has closed; `timedOut` if it had to destroy resources that were still in use. */
  close: { readonly timedOut: boolean };
  /** A listener of `event` threw. */
  listenerError: { readonly event: string; readonly error: unknown };
}

type Name = keyof PoolEvents<unknown>;
type Listener = (payload: never) => void;

/** The listeners of one pool. */
export class PoolEmitter<R> {
  readonly #listeners: Map<Name, Set<Listener>> = new Map();

  /** Adds a listener and returns what removes it. The same function added twice is called once. */
  on<K extends keyof PoolEvents<R>>(event: K, listener: (payload: PoolEvents<R>[K]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<K extends keyof PoolEvents<R>>(event: K, payload: PoolEvents<R>[K]): void {
    const listeners = this.#listeners.get(event);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        // `on` put it under this event's name, so it takes this event's payload.
        (listener as (payload: PoolEvents<R>[K]) => void)(payload);
      } catch (error) {
        if (event !== "listenerError") this.emit("listenerError", { event, error });
      }
    }
  }
}
