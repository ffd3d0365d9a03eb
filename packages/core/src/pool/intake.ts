/**
 * Takes created resources into the pool: refuses those that cannot be lent, counts and registers the rest, and tells
 * those who wait for a prewarmed pool.
 */
import type { Clock } from "../clock.ts";
import { Deferred } from "./deferred.ts";
import type { Disposal } from "./disposal.ts";
import { Entry } from "./entry.ts";
import type { Health } from "./health.ts";
import { createFailedError } from "./pool-errors.ts";
import type { ResolvedPoolOptions } from "./pool-options.ts";
import type { PoolMeter } from "./pool-stats.ts";

/** The way in for the resources of one pool. */
export class Intake<R> {
  readonly #entries: Map<R, Entry<R>>;
  readonly #options: ResolvedPoolOptions;
  readonly #clock: Clock;
  readonly #meter: PoolMeter;
  readonly #health: Health<R>;
  readonly #disposal: Disposal<R>;
  #prewarming: Deferred<void> | undefined;

  constructor(
    entries: Map<R, Entry<R>>,
    options: ResolvedPoolOptions,
    clock: Clock,
    meter: PoolMeter,
    health: Health<R>,
    disposal: Disposal<R>,
  ) {
    this.#entries = entries;
    this.#options = options;
    this.#clock = clock;
    this.#meter = meter;
    this.#health = health;
    this.#disposal = disposal;
  }

  /** Why a resource that was just created cannot be taken; one that is broken has then been disposed of. */
  flawOf(resource: R): Error | undefined {
    if (this.#entries.has(resource)) {
      return createFailedError("the factory returned a resource that is in the pool already");
    }
    if (!this.#health.isBroken(resource)) return undefined;
    this.#meter.created++;
    this.#disposal.dispose(resource, "broken", undefined);
    return createFailedError("the factory returned a resource that is broken already");
  }

  /** Registers a resource; it is not idle yet. */
  register(resource: R, createMs: number, nowMs: number): Entry<R> {
    this.#meter.created++;
    this.#meter.createMs.record(createMs);
    const entry = new Entry(resource, nowMs, this.#options.maxLifetimeMs, this.#clock.random());
    this.#entries.set(resource, entry);
    return entry;
  }

  /** Disposes of a resource that came too late. */
  refuse(resource: R): void {
    this.#meter.created++;
    this.#disposal.dispose(resource, "closed", undefined);
  }

  /** Settles when `min` resources are there or one could not be created. */
  whenWarm(): Promise<void> {
    if (this.#entries.size >= this.#options.min) return Promise.resolve();
    this.#prewarming ??= new Deferred();
    return this.#prewarming.promise;
  }

  /** To be called when a resource has come or could not; `error` says why it could not. */
  progress(error?: Error): void {
    if (error === undefined && this.#entries.size < this.#options.min) return;
    const prewarming = this.#prewarming;
    this.#prewarming = undefined;
    if (error === undefined) prewarming?.resolve();
    else prewarming?.reject(error);
  }
}
