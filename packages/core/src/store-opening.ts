/**
 * Opening a store at its first use: loads the driver, finds out where metrics go, connects, and brings the schema up to date.
 * All who come meanwhile join; after a failure the next call tries again.
 *
 * Invariant: once it was closed nothing is opened any more, also by a driver that was still being loaded.
 */
import type { Clock } from "./clock.ts";
import { Connections } from "./driver/connections.ts";
import type { Driver } from "./driver/driver.ts";
import { TelepoolError } from "./errors.ts";
import { emitMetrics } from "./metrics/emit-metrics.ts";
import { registeredMeterProvider } from "./metrics/registered-provider.ts";
import type { StoreMetrics } from "./metrics/store-metrics.ts";
import type { StoredListeners } from "./store/stored-listeners.ts";
import { TelemetryRepository } from "./store/telemetry-repository.ts";
import type { ParsedStoreOptions } from "./store-options.ts";

/** What an open store consists of. */
export interface Opened {
  readonly driver: Driver;
  readonly connections: Connections;
  readonly repository: TelemetryRepository;
}

/** A driver, or what loads it. */
export type DriverSource = Driver | (() => Promise<Driver>);

/** What opening works with. */
export interface OpeningDeps {
  readonly source: DriverSource;
  readonly options: ParsedStoreOptions;
  readonly clock: Clock;
  readonly listeners: StoredListeners;
  readonly metrics: StoreMetrics;
  /** Called once, when the store is open. */
  readonly onOpened: (opened: Opened) => void;
}

/** The opening of one store. */
export class StoreOpening {
  readonly #deps: OpeningDeps;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  /** Those of the last opening, also while it is under way. */
  #connections: Connections | undefined;
  /** Ends the emission of metrics. */
  #stopEmitting: (() => void) | undefined;
  #isClosed = false;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
  }

  /** What the store consists of, if it is open. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Opens the store, unless it is open or about to be. */
  open(): Promise<Opened> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#connect();
    this.#opening = opening;
    opening.then(
      (opened) => {
        this.#opened = opened;
        if (!this.#isClosed) this.#deps.onOpened(opened);
      },
      () => {
        this.#opening = undefined; // the next call tries again
      },
    );
    return opening;
  }

  /** Closes every connection, for the last time. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    try {
      await this.#connections?.close(timeoutMs);
    } finally {
      this.#stopEmitting?.();
    }
  }

  async #connect(): Promise<Opened> {
    const { source, options, clock, listeners, metrics } = this.#deps;
    const driver = typeof source === "function" ? await source() : source;
    const provider = options.meterProvider ?? (await registeredMeterProvider());
    if (this.#isClosed) throw storeClosedError();
    const meterOf = metrics.begin(driver.name);
    const connections = new Connections(driver, options.pool, options.retryTimeoutMs, clock, meterOf);
    this.#connections = connections;
    metrics.watch(connections);
    if (provider !== undefined) this.#stopEmitting = emitMetrics(metrics.set, provider);
    const repository = new TelemetryRepository(connections, driver, clock, { listeners, ingest: metrics.ingest });
    try {
      await repository.migrate();
      await connections.prewarm();
    } catch (error) {
      this.#stopEmitting?.();
      // Not waited for: a connection attempt that hangs must not keep the error from its caller.
      connections.close(options.closeTimeoutMs).catch(() => undefined);
      throw error;
    }
    return { driver, connections, repository };
  }
}

/** The error of a call that comes to a store that is closed. */
export function storeClosedError(): TelepoolError {
  return new TelepoolError("POOL_CLOSED", "the store is closed");
}
