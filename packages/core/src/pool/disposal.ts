/**
 * Destroys resources in the background and knows how many destructions are still under way.
 *
 * A resource's place in the pool is free as soon as its destruction begins: one that hangs must not take a slot with it.
 * A failure is an event and counts as destroyed, for the pool has no other use for the resource.
 */
import { isPromiseLike } from "./check.ts";
import type { DestroyReason } from "./entry.ts";
import type { PoolEmitter } from "./pool-events.ts";
import type { PoolMeter } from "./pool-stats.ts";
import type { ResourceFactory } from "./resource-factory.ts";

/** The way out for the resources of one pool. */
export class Disposal<R> {
  readonly #factory: ResourceFactory<R>;
  readonly #emitter: PoolEmitter<R>;
  readonly #meter: PoolMeter;
  readonly #done: () => void;
  #pending = 0;

  /** `done` is called after each destruction. */
  constructor(factory: ResourceFactory<R>, emitter: PoolEmitter<R>, meter: PoolMeter, done: () => void) {
    this.#factory = factory;
    this.#emitter = emitter;
    this.#meter = meter;
    this.#done = done;
  }

  /** Destructions under way. */
  get pending(): number {
    return this.#pending;
  }

  dispose(resource: R, reason: DestroyReason, error: unknown): void {
    this.#pending++;
    this.#emitter.emit("destroy", { resource, reason, error });
    try {
      const destroyed = this.#factory.destroy(resource);
      if (isPromiseLike(destroyed)) {
        destroyed.then(
          () => this.#finish(),
          (failure: unknown) => this.#fail(resource, failure),
        );
      } else {
        this.#finish();
      }
    } catch (failure) {
      this.#fail(resource, failure);
    }
  }

  #fail(resource: R, error: unknown): void {
    this.#emitter.emit("destroyError", { resource, error });
    this.#finish();
  }

  #finish(): void {
    this.#pending--;
    this.#meter.destroyed++;
    this.#done();
  }
}
