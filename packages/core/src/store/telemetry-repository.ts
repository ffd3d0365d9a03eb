/**
 * The domain: profiles, sessions and events, read and written through connections of any driver.
 *
 * Owns what a profile is and which statements serve it; does not know which database it talks to, and keeps no state.
 */
import type { Kysely } from "kysely";
import { untilAborted } from "../async.ts";
import type { CallContext, CallTiming, Watch } from "../call-timing.ts";
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

/** What may be given with a read. */
export interface ReadOptions {
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Is told where the call's time went. */
  readonly timing?: CallTiming;
}

/** Everything that a store does to its database. */
export class TelemetryRepository {
  readonly #connections: Connections;
  readonly #dialect: SqlDialect;
  readonly #inProcess: boolean;
  readonly #clock: Clock;
  /** By the role of the connections that selects take: `read` by index and of a page at most, `scan` for the others. */
  readonly #tables: Readonly<Record<ConnectionRole, Kysely<TelemetryTables>>>;
  /** The roles for selects that must see all that is committed, also where others go to replicas. */
  readonly #exact: { readonly read: ConnectionRole; readonly scan: ConnectionRole };
  readonly #writer: RowWriter;

  constructor(connections: Connections, driver: Driver, clock: Clock, watchers: WriteWatchers) {
    this.#connections = connections;
    this.#dialect = driver.dialect;
    this.#inProcess = driver.capabilities.inProcess;
    this.#clock = clock;
    this.#tables = { read: this.kysely("read"), scan: this.kysely("scan"), write: this.kysely("write") };
    this.#writer = new RowWriter({ connections, written: this.#tables.write, ...watchers });
    const isReplicated = driver.capabilities.connections === "replicated";
    this.#exact = isReplicated ? { read: "write", scan: "write" } : { read: "read", scan: "scan" };
  }

  /** Selects that must see all that is committed, also where others go to replicas; they may look at many rows. */
  get exact(): Kysely<TelemetryTables> {
    return this.#tables[this.#exact.scan];
  }

  /** The same for selects of a page at most, for tables of which this knows nothing as well. */
  exactNow<DB = TelemetryTables>(): Kysely<DB> {
    return this.kysely<DB>(this.#exact.read);
  }

  /** Kysely over the store's connections, for tables of the caller's own beside telepool's. */
  kysely<DB = TelemetryTables>(readRole: ConnectionRole, watch?: Watch): Kysely<DB> {
    return kyselyOver<DB>(this.#dialect, this.#connections, readRole, watch);
  }

  /** Brings the schema up to date. */
  async migrate(): Promise<void> {
    await migrate(this.kysely<unknown>("write"), this.#dialect);
  }

  /** Stores rows in one transaction of the driver's own; again, when its connection is lost. */
  write<T extends RowTable>(kind: RowKind<T>, rows: readonly RawRow<T>[], watch?: Watch): Promise<WriteReport> {
    return this.#writer.write(kind, rows, watch);
  }

  /** Stores any number of rows in a single transaction, in chunks between which the event loop turns. */
  writeAtomically<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    context: CallContext,
  ): Promise<WriteReport> {
    return this.#writer.writeAtomically(kind, rows, context);
  }

  /** The stored profiles with these ids, in their order. */
  readProfiles(ids: readonly string[], watch: Watch | undefined): Promise<(ProfileRow | undefined)[]> {
    return this.#connections.run("read", (connection) => connection.readProfiles(ids), { repeatable: true, watch });
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
    context: CallContext,
  ): Promise<Page<Profile>> {
    const conditions = parseFilter(filter, PROFILE_FILTER_KEYS);
    return await this.#profilePage(conditions, page, context);
  }

  /** All profiles that meet a filter, newest first, a page in memory at a time. */
  async *streamProfiles(
    filter: ProfileFilter | undefined,
    context: CallContext,
  ): AsyncGenerator<Profile, void, undefined> {
    const conditions = parseFilter(filter, PROFILE_FILTER_KEYS);
    let cursor: string | null = null;
    do {
      const reading = this.#profilePage(conditions, { limit: MAX_PAGE_LIMIT, cursor }, context);
      const { signal } = context;
      const page: Page<Profile> = await (signal ? untilAborted(reading, signal, "the query") : reading);
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** Sessions of a member, or of all for `*`; those that began last come first. */
  async querySessions(member: string, page: PageRequest | undefined, context: CallContext): Promise<Page<Session>> {
    const parsed = parsePage(page);
    const index = member === "*" ? "idx_sessions_created_at" : "idx_sessions_member";
    const sessions = selectAlong(this.#select("read", context), this.#dialect, "sessions", index);
    let query = newestFirst(sessions.selectAll(), "created_at", parsed);
    if (member !== "*") query = query.where("member", "=", parseName(member, "member"));
    const rows = await query.execute({ signal: context.signal });
    return toPage(rows, parsed.limit, (row) => ({ timestamp: row.created_at, id: row.id }), toSession);
  }

  /** One session, or `undefined`. */
  async getSession(id: string, context: CallContext): Promise<Session | undefined> {
    const query = this.#select("read", context)
      .selectFrom("sessions")
      .selectAll()
      .where("id", "=", parseName(id, "id"));
    const row = await query.executeTakeFirst({ signal: context.signal });
    return row === undefined ? undefined : toSession(row);
  }

  /** Events that meet a filter, newest first. */
  async queryEvents(
    filter: EventFilter | undefined,
    page: PageRequest | undefined,
    context: CallContext,
  ): Promise<Page<TelemetryEvent>> {
    const { type, session, from, to } = parseFilter(filter, EVENT_FILTER_KEYS);
    const parsed = parsePage(page);
    const isNarrow = type !== undefined && session !== undefined; // by two names, for which there is no index together
    const db = this.#select(isNarrow || parsed.limit > QUICK_ROWS ? "scan" : "read", context);
    const events = isNarrow
      ? db.selectFrom("analytics")
      : selectAlong(db, this.#dialect, "analytics", indexFor("analytics", { type, session }));
    let query = newestFirst(events.selectAll(), "timestamp", parsed);
    if (type !== undefined) query = query.where("event_type", "=", type);
    if (session !== undefined) query = query.where("session", "=", session);
    if (from !== undefined) query = query.where("timestamp", ">=", from);
    if (to !== undefined) query = query.where("timestamp", "<", to);
    return toPage(await query.execute({ signal: context.signal }), parsed.limit, keyOf, toEvent);
  }

  /** Statistics over a number in the profiles. */
  aggregate(request: AggregateRequest, context: CallContext): Promise<AggregateGroup[]> {
    const { signal } = context;
    return aggregateProfiles(this.#select("scan", context), this.#dialect, request, { signal });
  }

  /** Removes the oldest rows. */
  prune(request: PruneRequest, context: CallContext): Promise<PruneResult> {
    const read = this.#select(this.#exact.read, context);
    const scan = this.#select(this.#exact.scan, context);
    return prune({ read, scan, dialect: this.#dialect, nowMs: this.#clock.wallMs() }, request);
  }

  /** Settles when the database answers. */
  async ping(context: CallContext): Promise<void> {
    await this.#connections.run("read", (connection) => connection.ping(), context);
  }

  /** Kysely for selects of a role; for a call whose time is taken one of its own, which tells the watch. */
  #select(role: ConnectionRole, { watch }: CallContext): Kysely<TelemetryTables> {
    return watch === undefined ? this.#tables[role] : this.kysely(role, watch);
  }

  async #profilePage(
    filter: ProfileFilter,
    page: PageRequest | undefined,
    context: CallContext,
  ): Promise<Page<Profile>> {
    const parsed = parsePage(page);
    const db = this.#select(isQuick(filter, parsed.limit) ? "read" : "scan", context);
    const names = { member: filter.member, session: filter.session, document: filter.document };
    const profiles = isOrdered(filter)
      ? selectAlong(db, this.#dialect, "profiles", indexFor("profiles", names))
      : db.selectFrom("profiles");
    const query = newestFirst(whereProfiles(profiles.selectAll(), filter), "timestamp", parsed);
    return toPage(await query.execute({ signal: context.signal }), parsed.limit, keyOf, toProfile);
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
