/**
 * The domain: profiles, sessions and events, read and written through connections of any driver.
 *
 * Owns what a profile is and which statements serve it; does not know which database it talks to, and keeps no state.
 */
import type { Kysely } from "kysely";
import { untilAborted } from "../async.ts";
import type { Clock } from "../clock.ts";
import type { Connections } from "../driver/connections.ts";
import type { ConnectionRole, Driver, ProfileRow, WriteReport } from "../driver/driver.ts";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { NOT_NOW } from "../queue/lookup-queue.ts";
import { kyselyOver } from "../sql/pooled-dialect.ts";
import { type AggregateGroup, type AggregateRequest, aggregateProfiles, whereProfiles } from "./aggregate.ts";
import {
  EVENT_FILTER_KEYS,
  type EventFilter,
  PROFILE_FILTER_KEYS,
  type ProfileFilter,
  parseFilter,
} from "./filters.ts";
import { migrate } from "./migrate.ts";
import { newestFirst, selectAlong } from "./newest-first.ts";
import { MAX_PAGE_LIMIT, type Page, type PageKey, type PageRequest, parsePage, toPage } from "./page.ts";
import { prune } from "./prune.ts";
import type { PruneRequest, PruneResult } from "./prune-request.ts";
import type { RawRow } from "./raw-rows.ts";
import type { RowKind, RowTable } from "./row-kind.ts";
import { RowWriter, type WriteWatchers } from "./row-writer.ts";
import { type Profile, parseName, type TelemetryEvent, toEvent, toProfile } from "./rows.ts";
import type { SessionsTable, TelemetryTables } from "./tables.ts";

/** A session: profiles that belong together. */
export interface Session {
  readonly id: string;
  /** The member whose profile came first. */
  readonly member: string;
  /** Milliseconds since 1970 of the oldest profile that the session ever had. */
  readonly createdAt: number;
  /** Milliseconds since 1970 of the newest profile that the session ever had. */
  readonly lastActivity: number;
  /** How many profiles are stored now. */
  readonly profileCount: number;
}

/** How a read can be ended early. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Everything that a store does to its database. */
export class TelemetryRepository {
  readonly #connections: Connections;
  readonly #dialect: SqlDialect;
  readonly #inProcess: boolean;
  readonly #clock: Clock;
  /** Selects by index, of a page at most. */
  readonly #quick: Kysely<TelemetryTables>;
  /** Selects that may look at many rows. */
  readonly #scan: Kysely<TelemetryTables>;
  /** Selects that must see all that is committed, also where others go to replicas; they may look at many rows. */
  readonly exact: Kysely<TelemetryTables>;
  /** The same for those that are quick. */
  readonly #quickExact: Kysely<TelemetryTables>;
  readonly #writer: RowWriter;

  constructor(connections: Connections, driver: Driver, clock: Clock, watchers: WriteWatchers) {
    this.#connections = connections;
    this.#dialect = driver.dialect;
    this.#inProcess = driver.capabilities.inProcess;
    this.#clock = clock;
    this.#quick = this.kysely("read");
    this.#scan = this.kysely("scan");
    const written = this.kysely("write");
    this.#writer = new RowWriter({ connections, written, ...watchers });
    const isReplicated = driver.capabilities.connections === "replicated";
    this.exact = isReplicated ? written : this.#scan;
    this.#quickExact = isReplicated ? this.exact : this.#quick;
  }

  /** Kysely over the store's connections, for tables of the caller's own beside telepool's. */
  kysely<DB = TelemetryTables>(readRole: ConnectionRole): Kysely<DB> {
    return kyselyOver<DB>(this.#dialect, this.#connections, readRole);
  }

  /** Brings the schema up to date. */
  async migrate(): Promise<void> {
    await migrate(this.kysely<unknown>("write"), this.#dialect);
  }

  /** Stores rows in one transaction of the driver's own; again, when its connection is lost. */
  write<T extends RowTable>(kind: RowKind<T>, rows: readonly RawRow<T>[]): Promise<WriteReport> {
    return this.#writer.write(kind, rows);
  }

  /** Stores any number of rows in a single transaction, in chunks between which the event loop turns. */
  writeAtomically<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    signal: AbortSignal | undefined,
  ): Promise<WriteReport> {
    return this.#writer.writeAtomically(kind, rows, signal);
  }

  /** The stored profiles with these ids, in their order. */
  readProfiles(ids: readonly string[]): Promise<(ProfileRow | undefined)[]> {
    return this.#connections.run("read", (connection) => connection.readProfiles(ids), { repeatable: true });
  }

  /** One stored profile, if the database is in this process and a connection is idle. */
  readProfileNow(id: string): ProfileRow | undefined | typeof NOT_NOW {
    if (!this.#inProcess) return NOT_NOW;
    return this.#connections.runNow("read", (connection) => {
      const rows = connection.readProfiles([id]) as (ProfileRow | undefined)[]; // in process they come without a promise
      return rows[0];
    });
  }

  /** Profiles that meet a filter, newest first; equal times in descending order of their ids. */
  async queryProfiles(
    filter: ProfileFilter | undefined,
    page: PageRequest | undefined,
    options: ReadOptions,
  ): Promise<Page<Profile>> {
    const conditions = parseFilter(filter, PROFILE_FILTER_KEYS);
    return await this.#profilePage(conditions, page, options);
  }

  /** All profiles that meet a filter, newest first, a page in memory at a time. */
  async *streamProfiles(
    filter: ProfileFilter | undefined,
    options: ReadOptions,
  ): AsyncGenerator<Profile, void, undefined> {
    const conditions = parseFilter(filter, PROFILE_FILTER_KEYS);
    let cursor: string | null = null;
    do {
      const reading = this.#profilePage(conditions, { limit: MAX_PAGE_LIMIT, cursor }, options);
      const { signal } = options;
      const page: Page<Profile> = await (signal ? untilAborted(reading, signal, "the query") : reading);
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** Sessions of a member, or of all for `*`; those that began last come first. */
  async querySessions(member: string, page: PageRequest | undefined, options: ReadOptions): Promise<Page<Session>> {
    const parsed = parsePage(page);
    const index = member === "*" ? "idx_sessions_created_at" : "idx_sessions_member";
    const sessions = selectAlong(this.#quick, this.#dialect, "sessions", index);
    let query = newestFirst(sessions.selectAll(), "created_at", parsed);
    if (member !== "*") query = query.where("member", "=", parseName(member, "member"));
    const rows = await query.execute({ signal: options.signal });
    return toPage(rows, parsed.limit, (row) => ({ timestamp: row.created_at, id: row.id }), toSession);
  }

  /** One session, or `undefined`. */
  async getSession(id: string, options: ReadOptions): Promise<Session | undefined> {
    const query = this.#quick.selectFrom("sessions").selectAll().where("id", "=", parseName(id, "id"));
    const row = await query.executeTakeFirst({ signal: options.signal });
    return row === undefined ? undefined : toSession(row);
  }

  /** Events that meet a filter, newest first. */
  async queryEvents(
    filter: EventFilter | undefined,
    page: PageRequest | undefined,
    options: ReadOptions,
  ): Promise<Page<TelemetryEvent>> {
    const { type, session, from, to } = parseFilter(filter, EVENT_FILTER_KEYS);
    const parsed = parsePage(page);
    const db = parsed.limit > QUICK_ROWS || (type !== undefined && session !== undefined) ? this.#scan : this.#quick;
    const events =
      type !== undefined && session !== undefined
        ? db.selectFrom("analytics")
        : selectAlong(db, this.#dialect, "analytics", indexFor("analytics", { type, session }));
    let query = newestFirst(events.selectAll(), "timestamp", parsed);
    if (type !== undefined) query = query.where("event_type", "=", type);
    if (session !== undefined) query = query.where("session", "=", session);
    if (from !== undefined) query = query.where("timestamp", ">=", from);
    if (to !== undefined) query = query.where("timestamp", "<", to);
    return toPage(await query.execute({ signal: options.signal }), parsed.limit, keyOf, toEvent);
  }

  /** Statistics over a number in the profiles. */
  aggregate(request: AggregateRequest, options: ReadOptions): Promise<AggregateGroup[]> {
    return aggregateProfiles(this.#scan, this.#dialect, request, { signal: options.signal });
  }

  /** Removes the oldest rows. */
  prune(request: PruneRequest): Promise<PruneResult> {
    const tools = { read: this.#quickExact, scan: this.exact, dialect: this.#dialect, nowMs: this.#clock.wallMs() };
    return prune(tools, request);
  }

  /** Settles when the database answers. */
  async ping(options: ReadOptions): Promise<void> {
    await this.#connections.run("read", (connection) => connection.ping(), options);
  }

  async #profilePage(
    filter: ProfileFilter,
    page: PageRequest | undefined,
    options: ReadOptions,
  ): Promise<Page<Profile>> {
    const parsed = parsePage(page);
    const db = isQuick(filter, parsed.limit) ? this.#quick : this.#scan;
    const names = { member: filter.member, session: filter.session, document: filter.document };
    const profiles = isOrdered(filter)
      ? selectAlong(db, this.#dialect, "profiles", indexFor("profiles", names))
      : db.selectFrom("profiles");
    const query = newestFirst(whereProfiles(profiles.selectAll(), filter), "timestamp", parsed);
    return toPage(await query.execute({ signal: options.signal }), parsed.limit, keyOf, toProfile);
  }
}

/** A page up to this size is read where the event loop is; larger ones where they do not hold it. */
const QUICK_ROWS = 200;

/** Whether only as many rows are looked at as are returned, and these are few. */
function isQuick(filter: ProfileFilter, limit: number): boolean {
  return limit <= QUICK_ROWS && isOrdered(filter);
}

/** Whether one index gives the rows in their order. */
function isOrdered({ member, session, document }: ProfileFilter): boolean {
  return [member, session, document].filter((name) => name !== undefined).length <= 1;
}

/** The index that gives the rows in the order of time, of those with the one name that is given, or of all. */
function indexFor(table: "profiles" | "analytics", names: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(names).find(([, name]) => name !== undefined)?.[0];
  return `idx_${table}_${given ?? "timestamp"}`;
}

function keyOf(row: PageKey): PageKey {
  return { timestamp: row.timestamp, id: row.id };
}

function toSession(row: SessionsTable): Session {
  return {
    id: row.id,
    member: row.member,
    createdAt: row.created_at,
    lastActivity: row.last_activity,
    profileCount: row.profile_count,
  };
}
