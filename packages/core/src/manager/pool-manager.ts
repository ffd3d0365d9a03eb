/**
 * Several stores under names: opened, looked at, copied and closed together. A manager owns what is opened through it, also
 * a store that was made elsewhere; there is none but those that a program makes.
 */
import { type CloseOptions, objectionToClose } from "../call-options.ts";
import { type Clock, systemClock } from "../clock.ts";
import { createPool } from "../create-pool.ts";
import type { DatabaseKind, StoreConfigs } from "../driver-configs.ts";
import { TelepoolError } from "../errors.ts";
import { parseName } from "../store/rows.ts";
import type { StoreOptions } from "../store-options.ts";
import type { Health } from "../store-stats.ts";
import { TelemetryPool } from "../telemetry-pool.ts";
import type { CopyOptions, CopyResult } from "./copy-report.ts";
import { copyStore } from "./copy-store.ts";
import { type ManagerStats, managerStats } from "./manager-stats.ts";

/** What a manager may be given. */
export interface PoolManagerOptions {
  /** What the deadline of `close` is measured by; the system's clock by default. */
  readonly clock?: Clock;
}

interface Entry {
  readonly store: TelemetryPool;
  isOpen: boolean;
}

const CLOSE_TIMEOUT_MS = 30_000;

/** Stores under names. */
export class PoolManager implements AsyncDisposable {
  readonly #clock: Clock;
  /** In the order in which they were opened; also those that are being opened, whose names are taken. */
  readonly #entries = new Map<string, Entry>();
  #closing: Promise<void> | undefined;

  constructor(options: PoolManagerOptions = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Opens a store under a name, and owns it from then on: it is closed with the manager, and at once if it cannot be opened.
   * It is there for `get` when this resolves.
   *
   * @throws TelepoolError `INVALID_ARGUMENT` for a name or a store that is there already, `POOL_CLOSED`, and what opening
   *   the database throws
   */
  open(name: string, store: TelemetryPool): Promise<TelemetryPool>;
  /** Makes a store from a URL, as `createPool` does, and opens it under a name. */
  open(name: string, url: string, options?: StoreOptions): Promise<TelemetryPool>;
  /** Makes a store of the given kind, as `createPool` does, and opens it under a name. */
  open<K extends DatabaseKind>(name: string, kind: K, config?: StoreConfigs[K] & StoreOptions): Promise<TelemetryPool>;
  async open(name: string, source: TelemetryPool | string, config?: StoreOptions): Promise<TelemetryPool> {
    this.#checkFree(parseName(name, "name"), source);
    const entry: Entry = {
      store: source instanceof TelemetryPool ? source : createPool(source, config),
      isOpen: false,
    };
    this.#entries.set(name, entry);
    try {
      await entry.store.open();
      if (this.#closing !== undefined) throw closedError();
    } catch (error) {
      this.#entries.delete(name);
      // Not waited for: a connection attempt that hangs must not keep the error from its caller.
      entry.store.close().catch(() => undefined);
      throw error;
    }
    entry.isOpen = true;
    return entry.store;
  }

  /** The names of the stores, in the order in which they were opened. */
  get names(): string[] {
    return [...this.#opened()].map(([name]) => name);
  }

  /**
   * The store of this name.
   *
   * @throws TelepoolError `INVALID_ARGUMENT` with the names that there are
   */
  get(name: string): TelemetryPool {
    return this.#named(name, "name");
  }

  /** Whether each of the databases answers; never rejects. */
  async health(): Promise<Record<string, Health>> {
    const answers = [...this.#opened()].map(async ([name, store]) => [name, await store.health()] as const);
    return Object.fromEntries(await Promise.all(answers)); // as properties of its own, whatever the names are
  }

  /** The counters of each store, and their sums. */
  stats(): ManagerStats {
    return managerStats([...this.#opened()].map(([name, store]) => [name, store.stats()]));
  }

  /**
   * Copies all rows of a store into another one, and compares both; they are given by name or as they are. See `copyStore`.
   *
   * @throws TelepoolError `INVALID_ARGUMENT`, `ABORTED`, and what the databases say
   */
  async copy(from: string | TelemetryPool, to: string | TelemetryPool, options: CopyOptions = {}): Promise<CopyResult> {
    return await copyStore(this.#storeOf(from, "from"), this.#storeOf(to, "to"), options);
  }

  /**
   * Refuses to open more, and closes every store in the reverse order of their opening. The deadline is one for all of them;
   * when it is over, those that are left are closed without waiting for what they are at. A store that somebody closes
   * already keeps the deadline that it was given. A second call joins the first.
   *
   * @throws TelepoolError the first failure, `CLOSE_TIMEOUT` most often, when all are closed; `INVALID_ARGUMENT`
   */
  close(options: CloseOptions = {}): Promise<void> {
    const objection = objectionToClose(options);
    if (objection !== undefined) return Promise.reject(objection);
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    const failures: unknown[] = [];
    for (const { store } of [...this.#entries.values()].reverse()) {
      const leftMs = Math.max(0, deadlineMs - this.#clock.monotonicMs());
      await store.close({ timeoutMs: leftMs }).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  *#opened(): Generator<[name: string, store: TelemetryPool], void, undefined> {
    for (const [name, { store, isOpen }] of this.#entries) if (isOpen) yield [name, store];
  }

  #checkFree(name: string, source: TelemetryPool | string): void {
    if (this.#closing !== undefined) throw closedError();
    if (this.#entries.has(name)) {
      throw new TelepoolError("INVALID_ARGUMENT", `the name ${JSON.stringify(name)} is taken`, { field: "name" });
    }
    if ([...this.#entries.values()].some(({ store }) => store === source)) {
      throw new TelepoolError("INVALID_ARGUMENT", "this store has a name already", { field: "store" });
    }
  }

  #storeOf(named: string | TelemetryPool, field: string): TelemetryPool {
    return typeof named === "string" ? this.#named(named, field) : named;
  }

  #named(name: string, field: string): TelemetryPool {
    const entry = this.#entries.get(name);
    if (entry?.isOpen) return entry.store;
    const known = this.names.map((one) => JSON.stringify(one)).join(", ");
    throw new TelepoolError(
      "INVALID_ARGUMENT",
      `there is no store ${JSON.stringify(name)}; ${known === "" ? "none is open" : `there are: ${known}`}`,
      { field },
    );
  }
}

function closedError(): TelepoolError {
  return new TelepoolError("POOL_CLOSED", "the manager is closed");
}
