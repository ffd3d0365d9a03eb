/**
 * The public face of a store: a driver, its connections, the queues before them, the repository behind them, and the
 * statistics of all. It is open when it is first used, and closes in order: no new work, what is queued is written,
 * connections end.
 *
 * The constructor does no I/O. A failed opening is tried again by the next call.
 */
import type { Kysely } from "kysely";
import {
  type AddResult,
  type CloseOptions,
  checkReadOptions,
  type InsertManyOptions,
  type InsertManyResult,
  type InsertOptions,
  objectionToClose,
} from "./call-options.ts";
import { measured, stopwatchFor } from "./call-timing.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import type { ProfileRow } from "./driver/driver.ts";
import { isTelepoolError, TelepoolError } from "./errors.ts";
import { loadDriver } from "./factory.ts";
import { newId } from "./ids.ts";
import type { MetricFamily } from "./metrics/metric-family.ts";
import { StoreMetrics } from "./metrics/store-metrics.ts";
import { DEFAULT_MAX } from "./pool/pool-options.ts";
import { LookupQueue, NOT_NOW } from "./queue/lookup-queue.ts";
import type { WriteOptions } from "./queue/write-queue.ts";
import type { AggregateGroup, AggregateRequest } from "./store/aggregate.ts";
import type { EventFilter, ProfileFilter } from "./store/filters.ts";
import type { Importable, ImportOptions, ImportResult } from "./store/import-rows.ts";
import { encodeJsonObject } from "./store/json.ts";
import type { Page, PageRequest } from "./store/page.ts";
import type { PruneRequest, PruneResult } from "./store/prune-request.ts";
import { type IntakeDeps, RowIntake } from "./store/row-intake.ts";
import { EVENT_ROWS, PROFILE_ROWS } from "./store/row-kind.ts";
import {
  type EventInput,
  eventRow,
  type Profile,
  type ProfileInput,
  parseName,
  parseTime,
  type TelemetryEvent,
  toProfile,
} from "./store/rows.ts";
import { StoredListeners } from "./store/stored-listeners.ts";
import type { StoredListener } from "./store/stored-rows.ts";
import type { TelemetryTables } from "./store/tables.ts";
import type { ReadOptions, Session } from "./store/telemetry-repository.ts";
import { StoreCalls } from "./store-calls.ts";
import { type DriverSource, type Opened, StoreOpening } from "./store-opening.ts";
import { type ParsedStoreOptions, parseStoreOptions, type StoreOptions } from "./store-options.ts";
import { type Health, type QueueStats, type StoreStats, storeStats } from "./store-stats.ts";
import type { SyncOptions, SyncResult } from "./sync/store-sync.ts";
import { type SyncSource, syncSource } from "./sync/sync-source.ts";

/** How much of the time that is left when a store closes its copy may take. */
const SYNC_SHARE = 0.8;

/** What a store is made of. */
export interface TelemetryPoolOptions extends StoreOptions {
  /** The driver, or what loads it at first use; SQLite at `./telepool.db` by default. */
  readonly driver?: DriverSource;
  /** Where time comes from; the system's clock by default. */
  readonly clock?: Clock;
}

/**
 * Runs `work` on what an open store consists of, for the other parts of this package. The store counts as at work until
 * then: `close` waits, and if the work writes, so does `flush`.
 */
export let workOn: <T>(
  store: TelemetryPool,
  how: "reads" | "writes",
  work: (opened: Opened) => Promise<T>,
  signal: AbortSignal | undefined,
) => Promise<T>;

/** An open store as its copy sees it, for the other parts of this package. */
export let sourceOf: (store: TelemetryPool) => Promise<SyncSource>;
/** What an open store consists of. */
export let openedOf: (store: TelemetryPool) => Promise<Opened>;

/** A store of profiles, sessions and events. */
export class TelemetryPool implements AsyncDisposable {
  static {
    sourceOf = async (store) => store.#source(await store.#calls.open());
    openedOf = (store) => store.#calls.open();
    workOn = (store, how, work, signal) =>
      how === "writes" ? store.#calls.write("copy", work, { signal }) : store.#calls.run("copy", work, { signal });
  }

  readonly #options: ParsedStoreOptions;
  readonly #clock: Clock;
  readonly #opening: StoreOpening;
  readonly #calls: StoreCalls;
  readonly #listeners = new StoredListeners();
  readonly #metrics: StoreMetrics;
  readonly #profiles: RowIntake<"profiles">;
  readonly #events: RowIntake<"analytics">;
  readonly #lookups: LookupQueue<ProfileRow>;
  #closing: Promise<void> | undefined;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: TelemetryPoolOptions = {}) {
    const { driver, clock, ...store } = options;
    this.#options = parseStoreOptions(store);
    this.#clock = clock ?? systemClock;
    this.#metrics = new StoreMetrics(this.#options.pool.name, () => this.#queueStats());
    this.#options.sync?.observe(this.#metrics.set);
    this.#opening = new StoreOpening({
      source: driver ?? (() => loadDriver("sqlite", {})),
      options: this.#options,
      clock: this.#clock,
      listeners: this.#listeners,
      metrics: this.#metrics,
      onOpened: (opened) => this.#options.sync?.start(this.#source(opened)),
    });
    this.#calls = new StoreCalls({ opening: this.#opening, clock: this.#clock, times: this.#metrics.operations });
    const intake: IntakeDeps = {
      opening: this.#opening,
      calls: this.#calls,
      clock: this.#clock,
      metrics: this.#metrics,
      queue: this.#options.writeQueue,
    };
    this.#profiles = new RowIntake(PROFILE_ROWS, intake);
    this.#events = new RowIntake(EVENT_ROWS, intake);
    this.#lookups = new LookupQueue(
      {
        name: "profiles",
        read: async (ids, watch) =>
          (this.#opening.opened ?? (await this.#opening.open())).repository.readProfiles(ids, watch),
        readNow: (id) => {
          const opened = this.#opening.opened;
          return opened === undefined ? NOT_NOW : opened.repository.readProfileNow(id);
        },
        maxConcurrentBatches: () => this.#opening.opened?.driver.capabilities.maxConcurrentBatches ?? 1,
      },
      this.#options.lookupQueue,
    );
  }

  /** Opens the store now rather than at the first call: connects, and brings the schema up to date. */
  async open(): Promise<void> {
    await this.#calls.open();
  }

  /**
   * Stores a profile and brings its session up to date; durable when it resolves, with the row's id.
   *
   * @param profile a JSON object of at most 16 MiB
   * @throws TelepoolError `INVALID_PROFILE`, `INVALID_ARGUMENT`, `INVALID_TEXT`, `QUEUE_FULL`, `POOL_CLOSED`, `ABORTED`
   */
  insertProfile(
    sessionId: string,
    profile: object,
    member: string,
    document: string,
    options?: InsertOptions,
  ): Promise<string> {
    const toRow = (): ProfileRow => ({
      id: options?.id === undefined ? newId() : parseName(options.id, "id"),
      session: parseName(sessionId, "sessionId"),
      profile: encodeJsonObject(profile, "profile"),
      timestamp: options?.timestamp === undefined ? this.#clock.wallMs() : parseTime(options.timestamp, "timestamp"),
      member: parseName(member, "member"),
      document: parseName(document, "document"),
    });
    return this.#profiles.insert(toRow, options);
  }

  /** Stores a profile like `insertProfile`, and says whether its id was stored before. */
  addProfile(input: ProfileInput, options?: WriteOptions): Promise<AddResult> {
    return this.#profiles.add(input, options);
  }

  /** Stores all of the profiles in one transaction, or none. */
  insertProfiles(inputs: readonly ProfileInput[], options?: InsertManyOptions): Promise<InsertManyResult> {
    return this.#profiles.insertMany(inputs, options);
  }

  /** Stores any number of profiles from a source, some thousand in memory at a time; what was read before a failure stays. */
  importProfiles(source: Importable<ProfileInput>, options?: ImportOptions): Promise<ImportResult> {
    return this.#profiles.import(source, options);
  }

  /** The profile with this id, or `undefined`. */
  async getProfile(id: string, options?: ReadOptions): Promise<Profile | undefined> {
    checkReadOptions(options);
    const startedMs = this.#clock.monotonicMs();
    const watch = stopwatchFor(options?.timing, this.#clock);
    const row = await measured(this.#lookups.get(parseName(id, "id"), options, watch), watch);
    const profile = row === undefined ? undefined : toProfile(row);
    this.#metrics.operations.record("getProfile", this.#clock.monotonicMs() - startedMs);
    return profile;
  }

  /** A page of the profiles that meet a filter, newest first. */
  async queryProfiles(filter?: ProfileFilter, page?: PageRequest, options: ReadOptions = {}): Promise<Page<Profile>> {
    return await this.#calls.read(
      "queryProfiles",
      ({ repository }, context) => repository.queryProfiles(filter, page, context),
      options,
    );
  }

  /** All profiles that meet a filter, newest first, however many there are: a page in memory at a time. */
  async *profiles(filter?: ProfileFilter, options: ReadOptions = {}): AsyncGenerator<Profile, void, undefined> {
    checkReadOptions(options);
    const { signal, timing } = options;
    const watch = stopwatchFor(timing, this.#clock);
    try {
      yield* (await this.#calls.open()).repository.streamProfiles(filter, { signal, watch });
    } finally {
      watch?.stop();
    }
  }

  /** A page of a member's sessions, or of all sessions for `*`; those that began last come first. */
  async querySessions(member: string, page?: PageRequest, options: ReadOptions = {}): Promise<Page<Session>> {
    return await this.#calls.read(
      "querySessions",
      ({ repository }, context) => repository.querySessions(member, page, context),
      options,
    );
  }

  /** The session with this id, or `undefined`. */
  async getSession(id: string, options: ReadOptions = {}): Promise<Session | undefined> {
    return await this.#calls.read(
      "getSession",
      ({ repository }, context) => repository.getSession(id, context),
      options,
    );
  }

  /** Stores an event; durable when it resolves, with the event's id. */
  recordEvent(
    type: string,
    data: object = {},
    session: string | null = null,
    options?: InsertOptions,
  ): Promise<string> {
    const own = {
      ...(options?.id === undefined ? {} : { id: options.id }),
      ...(options?.timestamp === undefined ? {} : { timestamp: options.timestamp }),
    };
    return this.#events.insert(() => eventRow({ type, data, session, ...own }, this.#clock, "event"), options);
  }

  /** Stores an event like `recordEvent`, and says whether its id was stored before. */
  addEvent(input: EventInput, options?: WriteOptions): Promise<AddResult> {
    return this.#events.add(input, options);
  }

  /** Stores all of the events in one transaction, or none. */
  insertEvents(inputs: readonly EventInput[], options?: InsertManyOptions): Promise<InsertManyResult> {
    return this.#events.insertMany(inputs, options);
  }

  /** Stores any number of events from a source, like `importProfiles`. */
  importEvents(source: Importable<EventInput>, options?: ImportOptions): Promise<ImportResult> {
    return this.#events.import(source, options);
  }

  /** A page of the events that meet a filter, newest first. */
  async queryEvents(
    filter?: EventFilter,
    page?: PageRequest,
    options: ReadOptions = {},
  ): Promise<Page<TelemetryEvent>> {
    return await this.#calls.read(
      "queryEvents",
      ({ repository }, context) => repository.queryEvents(filter, page, context),
      options,
    );
  }

  /** Count, min, max, mean, p50, p95 and p99 of a number inside the profiles, for all or for each group. */
  async aggregate(request: AggregateRequest, options: ReadOptions = {}): Promise<AggregateGroup[]> {
    return await this.#calls.read(
      "aggregate",
      ({ repository }, context) => repository.aggregate(request, context),
      options,
    );
  }

  /** Removes the oldest rows by age, number or size, in steps between which writers get their turn. */
  async prune(request: PruneRequest): Promise<PruneResult> {
    return await this.#calls.write("prune", ({ repository }, context) => repository.prune(request, context), request);
  }

  /**
   * Copies everything that is committed now to the object storage that the store was given as `sync`; it is there when this
   * resolves.
   *
   * @throws TelepoolError `NOT_SUPPORTED` without a `sync`, `STORAGE_UNREACHABLE`, `CREDENTIALS_REFUSED`, `BUCKET_NOT_FOUND`,
   *   `PERMISSION_DENIED`, `CLOCK_SKEWED`, `COPY_FENCED`, `ABORTED`, `POOL_CLOSED`
   */
  async syncToR2(options: SyncOptions = {}): Promise<SyncResult> {
    const { sync } = this.#options;
    if (sync === undefined) {
      throw new TelepoolError(
        "NOT_SUPPORTED",
        "no sync is configured: give the store sync: new R2Sync({ bucket, … })",
        {
          field: "options.sync",
        },
      );
    }
    await this.#calls.open();
    return await sync.now(options);
  }

  /**
   * Adds a listener and returns the function that removes it. It is told, once for each transaction and at once after its
   * commit, of the profiles or events that were not stored before: by whichever method of this store they came, also
   * by a copy into it. What other stores or programs write to the same database it does not hear of.
   *
   * It is called in the way of the writes, so it must be quick. What it throws is dropped; a promise is not waited for.
   *
   * @throws TelepoolError `INVALID_ARGUMENT`
   */
  onStored(listener: StoredListener): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Kysely over the store's connections: its tables, and tables of the caller's own. A `select` reads beside the writer
   * and never holds the event loop; every other statement and every transaction takes the writer.
   */
  async kysely<DB = TelemetryTables>(): Promise<Kysely<DB>> {
    return (await this.#calls.open()).repository.kysely<DB>("scan");
  }

  /** The counters of the pool, the queues and the operations; asks nobody and opens nothing. */
  stats(): StoreStats {
    return storeStats({
      opened: this.#opening.opened,
      maxPoolSize: this.#options.pool.max ?? DEFAULT_MAX,
      operations: this.#metrics.operations.all,
      queues: this.#queueStats(),
      ingest: this.#metrics.ingest.stats(),
      sync: this.#options.sync?.status(),
    });
  }

  /**
   * What the store measures, under OpenTelemetry's names, in seconds and rows: docs/metrics.md lists it. Asks nobody and opens
   * nothing. The same goes to an OpenTelemetry SDK, where there is one.
   */
  metrics(): MetricFamily[] {
    return this.#metrics.set.families();
  }

  /** Whether the database answers; never rejects. */
  async health(options: ReadOptions = {}): Promise<Health> {
    const startedMs = this.#clock.monotonicMs();
    try {
      const { driver, repository } = await this.#calls.open();
      const watch = stopwatchFor(options.timing, this.#clock);
      await measured(repository.ping({ signal: options.signal, watch }), watch);
      return {
        ok: true,
        driver: driver.name,
        location: driver.location,
        latencyMs: this.#clock.monotonicMs() - startedMs,
      };
    } catch (error) {
      const known = isTelepoolError(error)
        ? error
        : new TelepoolError("CONNECT_FAILED", "the store could not be opened", { cause: error });
      return { ok: false, latencyMs: this.#clock.monotonicMs() - startedMs, error: known.toJSON() };
    }
  }

  /** Resolves when every write that was begun before has settled. */
  async flush(): Promise<void> {
    await Promise.all([this.#profiles.queue.flush(), this.#events.queue.flush(), this.#calls.written()]);
  }

  /**
   * Refuses new calls, writes what is queued, waits for what is under way, and closes every connection. What is not done
   * by the deadline is rejected; a second call cannot change the deadline of the first.
   *
   * @throws TelepoolError `CLOSE_TIMEOUT`, `INVALID_ARGUMENT`
   */
  close(options: CloseOptions = {}): Promise<void> {
    const objection = objectionToClose(options);
    if (objection !== undefined) return Promise.reject(objection);
    this.#closing ??= this.#close(options.timeoutMs ?? this.#options.closeTimeoutMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#calls.refuse();
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    const queues = [this.#profiles.queue, this.#events.queue, this.#lookups];
    let timer: Timer | undefined;
    const isLate = new Promise<void>((resolve) => {
      if (timeoutMs === Number.POSITIVE_INFINITY) return;
      timer = this.#clock.setTimer(() => {
        const late = `the store was closed before this was done: ${timeoutMs} ms were over`;
        for (const queue of queues) queue.abandon(new TelepoolError("CLOSE_TIMEOUT", late));
        resolve();
      }, timeoutMs);
    });
    await Promise.all(queues.map((queue) => queue.close()));
    await Promise.race([isLate, this.#calls.settled()]);
    timer?.cancel();
    // What is left is copied, but the connections must still have time to end.
    await this.#options.sync?.stop(Math.max(0, (deadlineMs - this.#clock.monotonicMs()) * SYNC_SHARE));
    await this.#opening.close(Math.max(0, deadlineMs - this.#clock.monotonicMs()));
  }

  #source({ driver, repository }: Opened): SyncSource {
    return syncSource({
      driver,
      repository,
      clock: this.#clock,
      stats: () => this.stats(),
      onStored: (listener) => this.#listeners.add(listener),
    });
  }

  #queueStats(): QueueStats {
    return {
      profiles: this.#profiles.queue.stats(),
      events: this.#events.queue.stats(),
      lookups: this.#lookups.stats(),
    };
  }
}
