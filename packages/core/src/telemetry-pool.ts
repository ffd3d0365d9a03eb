/**
 * The public face of a store: a driver, its connections, the queues before them, the repository behind them, and the
 * statistics of all. It is open when it is first used, and closes in order: no new work, what is queued is written,
 * connections end.
 *
 * The constructor does no I/O. A failed opening is tried again by the next call.
 */
import type { Kysely } from "kysely";
import { untilAborted } from "./async.ts";
import {
  type AddResult,
  type CloseOptions,
  checkInsertOptions,
  checkReadOptions,
  checkWriteOptions,
  type InsertManyOptions,
  type InsertManyResult,
  type InsertOptions,
  objectionToClose,
} from "./call-options.ts";
import { type Clock, systemClock, type Timer } from "./clock.ts";
import { Connections } from "./driver/connections.ts";
import type { Driver, EventRow, ProfileRow } from "./driver/driver.ts";
import { DurationHistogram } from "./duration-histogram.ts";
import { abortedError, isTelepoolError, TelepoolError } from "./errors.ts";
import { loadDriver } from "./factory.ts";
import { newId } from "./ids.ts";
import { DEFAULT_MAX } from "./pool/pool-options.ts";
import { LookupQueue, NOT_NOW } from "./queue/lookup-queue.ts";
import { type BatchWriter, type WriteOptions, WriteQueue } from "./queue/write-queue.ts";
import type { AggregateGroup, AggregateRequest } from "./store/aggregate.ts";
import type { EventFilter, ProfileFilter } from "./store/filters.ts";
import { type Importable, type ImportOptions, type ImportResult, importProfiles } from "./store/import-profiles.ts";
import { encodeJsonObject } from "./store/json.ts";
import type { Page, PageRequest } from "./store/page.ts";
import type { PruneRequest, PruneResult } from "./store/prune.ts";
import {
  type EventInput,
  eventBytes,
  eventRow,
  type Profile,
  type ProfileInput,
  parseName,
  parseTime,
  profileBytes,
  profileRow,
  type TelemetryEvent,
  toProfile,
} from "./store/rows.ts";
import { isRowAtFault } from "./store/rows-at-fault.ts";
import type { TelemetryTables } from "./store/tables.ts";
import { type ReadOptions, type Session, TelemetryRepository } from "./store/telemetry-repository.ts";
import { type ParsedStoreOptions, parseStoreOptions, type StoreOptions } from "./store-options.ts";
import { type Health, type StoreStats, storeStats } from "./store-stats.ts";

/** What a store is made of. */
export interface TelemetryPoolOptions extends StoreOptions {
  /** The driver, or what loads it at first use; SQLite at `./telepool.db` by default. */
  readonly driver?: Driver | (() => Promise<Driver>);
  /** Where time comes from; the system's clock by default. */
  readonly clock?: Clock;
}

/** What an open store consists of. */
export interface Opened {
  readonly driver: Driver;
  readonly connections: Connections;
  readonly repository: TelemetryRepository;
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

/** A store of profiles, sessions and events. */
export class TelemetryPool implements AsyncDisposable {
  static {
    workOn = (store, how, work, signal) =>
      how === "writes" ? store.#write(work, signal) : store.#operation(work, signal);
  }

  readonly #options: ParsedStoreOptions;
  readonly #driverSource: Driver | (() => Promise<Driver>);
  readonly #clock: Clock;
  readonly #profiles: WriteQueue<ProfileRow>;
  readonly #events: WriteQueue<EventRow>;
  readonly #lookups: LookupQueue<ProfileRow>;
  readonly #operations = new DurationHistogram();
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  /** Those of the last opening, also while it is under way. */
  #connections: Connections | undefined;
  #closing: Promise<void> | undefined;
  /** Calls beside the queues that are at work on the open store: `close` waits for them. */
  readonly #atWork = new Set<Promise<unknown>>();
  /** Calls beside the queues that write, also those that wait for the opening: `flush` waits for them. */
  readonly #writes = new Set<Promise<unknown>>();
  /** Whether all that was accepted before `close` has settled, so that nothing is opened any more. */
  #drained = false;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: TelemetryPoolOptions = {}) {
    const { driver, clock, ...store } = options;
    this.#options = parseStoreOptions(store);
    this.#driverSource = driver ?? (() => loadDriver("sqlite", {}));
    this.#clock = clock ?? systemClock;
    this.#profiles = new WriteQueue(
      this.#batchWriter("profiles", profileBytes, (repository, rows) => repository.writeProfiles(rows)),
      this.#options.writeQueue,
    );
    this.#events = new WriteQueue(
      this.#batchWriter("events", eventBytes, (repository, rows) => repository.writeEvents(rows)),
      this.#options.writeQueue,
    );
    this.#lookups = new LookupQueue(
      {
        name: "profiles",
        read: async (ids) => (this.#opened ?? (await this.#openOnce())).repository.readProfiles(ids),
        readNow: (id) => (this.#opened === undefined ? NOT_NOW : this.#opened.repository.readProfileNow(id)),
        maxConcurrentBatches: () => this.#opened?.driver.capabilities.maxConcurrentBatches ?? 1,
      },
      this.#options.lookupQueue,
    );
  }

  /** Opens the store now rather than at the first call: connects, and brings the schema up to date. */
  async open(): Promise<void> {
    await this.#open();
  }

  /**
   * Stores a profile and brings its session up to date; durable when it resolves, with the row's id.
   *
   * @param profile a JSON object of at most 16 MiB
   * @throws TelepoolError `INVALID_PROFILE`, `INVALID_ARGUMENT`, `INVALID_TEXT`, `QUEUE_FULL`, `POOL_CLOSED`, `ABORTED`
   */
  async insertProfile(
    sessionId: string,
    profile: object,
    member: string,
    document: string,
    options?: InsertOptions,
  ): Promise<string> {
    checkInsertOptions(options);
    const row: ProfileRow = {
      id: options?.id === undefined ? newId() : parseName(options.id, "id"),
      session: parseName(sessionId, "sessionId"),
      profile: encodeJsonObject(profile, "profile"),
      timestamp: options?.timestamp === undefined ? this.#clock.wallMs() : parseTime(options.timestamp, "timestamp"),
      member: parseName(member, "member"),
      document: parseName(document, "document"),
    };
    await this.#profiles.add(row, options);
    return row.id;
  }

  /** Stores a profile like `insertProfile`, and says whether its id was stored before. */
  async addProfile(input: ProfileInput, options?: WriteOptions): Promise<AddResult> {
    checkWriteOptions(options);
    const row = profileRow(input, this.#clock, "row");
    const { duplicate } = await this.#profiles.add(row, options);
    return { id: row.id, duplicate };
  }

  /** Stores all of the profiles in one transaction, or none. */
  async insertProfiles(inputs: readonly ProfileInput[], options: InsertManyOptions = {}): Promise<InsertManyResult> {
    checkReadOptions(options);
    if (!Array.isArray(inputs)) throw new TelepoolError("INVALID_ARGUMENT", "rows must be an array", { field: "rows" });
    const rows = inputs.map((input, position) => profileRow(input, this.#clock, `rows[${position}]`));
    if (rows.length === 0) return { ids: [], duplicates: [] };
    return await this.#write(async ({ repository }) => {
      const { duplicates } = await repository.writeProfilesAtomically(rows, options.signal);
      return { ids: rows.map((row) => row.id), duplicates: duplicates.map((position) => rows[position]?.id ?? "") };
    }, options.signal);
  }

  /** Stores any number of profiles from a source, some thousand in memory at a time; what was read before a failure stays. */
  async importProfiles(source: Importable, options: ImportOptions = {}): Promise<ImportResult> {
    const { signal } = options;
    return await this.#write(({ repository }) => importProfiles(repository, this.#clock, source, options), signal);
  }

  /** The profile with this id, or `undefined`. */
  async getProfile(id: string, options?: ReadOptions): Promise<Profile | undefined> {
    checkReadOptions(options);
    const startedMs = this.#clock.monotonicMs();
    const row = await this.#lookups.get(parseName(id, "id"), options);
    const profile = row === undefined ? undefined : toProfile(row);
    this.#operations.record(this.#clock.monotonicMs() - startedMs);
    return profile;
  }

  /** A page of the profiles that meet a filter, newest first. */
  async queryProfiles(filter?: ProfileFilter, page?: PageRequest, options: ReadOptions = {}): Promise<Page<Profile>> {
    return await this.#read(({ repository }) => repository.queryProfiles(filter, page, options), options);
  }

  /** All profiles that meet a filter, newest first, however many there are: a page in memory at a time. */
  async *profiles(filter?: ProfileFilter, options: ReadOptions = {}): AsyncGenerator<Profile, void, undefined> {
    checkReadOptions(options);
    yield* (await this.#open()).repository.streamProfiles(filter, options);
  }

  /** A page of a member's sessions, or of all sessions for `*`; those that began last come first. */
  async querySessions(member: string, page?: PageRequest, options: ReadOptions = {}): Promise<Page<Session>> {
    return await this.#read(({ repository }) => repository.querySessions(member, page, options), options);
  }

  /** The session with this id, or `undefined`. */
  async getSession(id: string, options: ReadOptions = {}): Promise<Session | undefined> {
    return await this.#read(({ repository }) => repository.getSession(id, options), options);
  }

  /** Stores an event; durable when it resolves, with the event's id. */
  async recordEvent(
    type: string,
    data: object = {},
    session: string | null = null,
    options?: InsertOptions,
  ): Promise<string> {
    checkInsertOptions(options);
    const input: EventInput = {
      type,
      data,
      session,
      ...(options?.id === undefined ? {} : { id: options.id }),
      ...(options?.timestamp === undefined ? {} : { timestamp: options.timestamp }),
    };
    const row = eventRow(input, this.#clock, "event");
    await this.#events.add(row, options);
    return row.id;
  }

  /** A page of the events that meet a filter, newest first. */
  async queryEvents(
    filter?: EventFilter,
    page?: PageRequest,
    options: ReadOptions = {},
  ): Promise<Page<TelemetryEvent>> {
    return await this.#read(({ repository }) => repository.queryEvents(filter, page, options), options);
  }

  /** Count, min, max, mean, p50, p95 and p99 of a number inside the profiles, for all or for each group. */
  async aggregate(request: AggregateRequest, options: ReadOptions = {}): Promise<AggregateGroup[]> {
    return await this.#read(({ repository }) => repository.aggregate(request, options), options);
  }

  /** Removes the oldest rows by age, number or size, in steps between which writers get their turn. */
  async prune(request: PruneRequest): Promise<PruneResult> {
    return await this.#write(({ repository }) => repository.prune(request), request.signal);
  }

  /**
   * Kysely over the store's connections: its tables, and tables of the caller's own. A `select` reads beside the writer
   * and never holds the event loop; every other statement and every transaction takes the writer.
   */
  async kysely<DB = TelemetryTables>(): Promise<Kysely<DB>> {
    return (await this.#open()).repository.kysely<DB>("scan");
  }

  /** The counters of the pool, the queues and the operations; asks nobody and opens nothing. */
  stats(): StoreStats {
    return storeStats({
      opened: this.#opened,
      maxPoolSize: this.#options.pool.max ?? DEFAULT_MAX,
      operations: this.#operations,
      queues: { profiles: this.#profiles.stats(), events: this.#events.stats(), lookups: this.#lookups.stats() },
    });
  }

  /** Whether the database answers; never rejects. */
  async health(options: ReadOptions = {}): Promise<Health> {
    const startedMs = this.#clock.monotonicMs();
    try {
      const { driver, repository } = await this.#open();
      await repository.ping(options);
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
    await Promise.all([this.#profiles.flush(), this.#events.flush(), Promise.allSettled(this.#writes)]);
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
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs;
    const queues = [this.#profiles, this.#events, this.#lookups];
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
    await Promise.race([isLate, Promise.allSettled(this.#atWork)]);
    timer?.cancel();
    this.#drained = true;
    await this.#connections?.close(Math.max(0, deadlineMs - this.#clock.monotonicMs()));
  }

  /** What only reads: its caller is released at once when the signal fires. */
  async #read<T>(work: (opened: Opened) => Promise<T>, options: ReadOptions): Promise<T> {
    checkReadOptions(options);
    const { signal } = options;
    const reading = this.#operation(work, signal);
    return await (signal === undefined ? reading : untilAborted(reading, signal, "the query"));
  }

  /** What writes beside the queues. */
  #write<T>(work: (opened: Opened) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return tracked(this.#operation(work, signal), this.#writes);
  }

  async #operation<T>(work: (opened: Opened) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted) throw abortedError(signal, "the call");
    const opened = this.#opened ?? (await this.#open());
    if (this.#closing !== undefined) throw closedError();
    const startedMs = this.#clock.monotonicMs();
    const result = await tracked(work(opened), this.#atWork);
    this.#operations.record(this.#clock.monotonicMs() - startedMs);
    return result;
  }

  #open(): Promise<Opened> {
    return this.#closing === undefined ? this.#openOnce() : Promise.reject(closedError());
  }

  /** Opens, also while the store closes, for what was accepted before. */
  #openOnce(): Promise<Opened> {
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#connect();
    this.#opening = opening;
    opening.then(
      (opened) => {
        this.#opened = opened;
      },
      () => {
        this.#opening = undefined; // the next call tries again
      },
    );
    return opening;
  }

  async #connect(): Promise<Opened> {
    const driver = typeof this.#driverSource === "function" ? await this.#driverSource() : this.#driverSource;
    if (this.#drained) throw closedError();
    const connections = new Connections(driver, this.#options.pool, this.#options.retryTimeoutMs, this.#clock);
    this.#connections = connections;
    const repository = new TelemetryRepository(connections, driver, this.#clock);
    try {
      await repository.migrate();
      await connections.prewarm();
    } catch (error) {
      // Not waited for: a connection attempt that hangs must not keep the error from its caller.
      connections.close(this.#options.closeTimeoutMs).catch(() => undefined);
      throw error;
    }
    return { driver, connections, repository };
  }

  #batchWriter<Row>(
    name: string,
    bytesOf: (row: Row) => number,
    write: (
      repository: TelemetryRepository,
      rows: readonly Row[],
    ) => Promise<{ readonly duplicates: readonly number[] }>,
  ): BatchWriter<Row> {
    return {
      name,
      bytesOf,
      write: async (rows) => write((this.#opened ?? (await this.#openOnce())).repository, rows),
      rowAtFault: isRowAtFault,
      maxConcurrentBatches: () => this.#opened?.driver.capabilities.maxConcurrentBatches ?? 1,
      onStored: (latencyMs) => this.#operations.record(latencyMs),
      nowMs: () => this.#clock.monotonicMs(),
    };
  }
}

/** The promise itself, which is in the set until it settles. */
function tracked<T>(promise: Promise<T>, set: Set<Promise<unknown>>): Promise<T> {
  set.add(promise);
  const forget = () => set.delete(promise);
  promise.then(forget, forget);
  return promise;
}

function closedError(): TelepoolError {
  return new TelepoolError("POOL_CLOSED", "the store is closed");
}
