/**
 * What has changed and is not copied yet, read from where the triggers noted it.
 *
 * A change is visible here exactly when its transaction has committed, and it goes only after an object with the state of
 * its row, read with the change or after it, was stored. Nothing depends on the order in which numbers were given or transactions
 * committed (docs/decisions/0014-copy.md has the argument for each database).
 */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { type RawRow, ROW_BYTES, rowsByIds, type TableName } from "../store/raw-rows.ts";
import type { TelemetryTables } from "../store/tables.ts";
import { CHANGE_KINDS, createChangeTables, dropChangeTables, type SyncTables } from "./change-tables.ts";

interface Noted {
  readonly seq: number;
  readonly id: string;
  /** About how many bytes its row has. */
  readonly bytes: number;
}

/** A change that is not copied yet, with its row as it is now, unless that is gone. The rows of sessions are asked for apart. */
export type Change = Noted &
  (
    | { readonly table: "profiles"; readonly row: RawRow<"profiles"> | undefined }
    | { readonly table: "analytics"; readonly row: RawRow<"analytics"> | undefined }
    | { readonly table: "sessions" }
  );

/** Where a page of changes begins, and how much may be on it. */
export interface ChangesRequest {
  /** The number before the first; all numbers if absent. */
  readonly after?: number | undefined;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** A document up to this length is read before it is known whether it fits: a page of them holds some MiB. */
const SHORT_BYTES = 16 * 1024;
/** Ids in one query. */
const QUERY_IDS = 500;
/** Changes that are counted one by one; beyond, "more than" is enough. */
const MAX_COUNTED = 10_000_000;

/** Reads changes. */
export class ChangeFeed {
  readonly #db: Kysely<SyncTables>;
  readonly #dialect: SqlDialect;
  /** How long the document of a joined row is. */
  readonly #jsonBytes: RawBuilder<number>;

  /** @param db reads all that is committed, and writes */
  constructor(db: Kysely<SyncTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
    const lengths = ["profile.profile", "event.data"].map((column) => dialect.jsonBytes(column));
    this.#jsonBytes = sql`coalesce(${sql.join(lengths)}, 0)`;
  }

  /**
   * Has the database note changes from now on, if it does not yet. What was written before is not among the changes; every
   * transaction that was writing has ended when this resolves. Gives back whether all was noted before.
   *
   * @throws TelepoolError `NOT_SUPPORTED`, `PERMISSION_DENIED`, `READ_ONLY`
   */
  async install(): Promise<boolean> {
    return await createChangeTables(this.#db, this.#dialect);
  }

  /** Ends that changes are noted, and forgets those that are, and the copy. */
  async remove(): Promise<void> {
    await dropChangeTables(this.#db, this.#dialect);
  }

  /** How many changes are not copied. */
  async count(): Promise<number> {
    const few = this.#db.selectFrom("telepool_changes").select("seq").limit(MAX_COUNTED).as("few");
    const counted = await this.#db
      .selectFrom(few)
      .select(({ fn }) => fn.countAll<number>().as("changes"))
      .executeTakeFirstOrThrow();
    return Number(counted.changes);
  }

  /** The number of the last change that there is; of those that come later, and of open transactions, some may be smaller. */
  async last(): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom("telepool_changes")
      .select("seq")
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : Number(row.seq);
  }

  /**
   * The next changes, in the order of their numbers; none when there is none. A row that several of them are about comes with each.
   * A long row that goes while the page is being read is not there, and its going is a later change.
   */
  async page({ after, maxRows, maxBytes }: ChangesRequest): Promise<readonly Change[]> {
    const found = withinBytes(await this.#joined(after ?? -1, maxRows), maxBytes);
    const long = found.filter((change) => change.json === null && change.bytes > 0);
    const profiles = await this.#longRows("profiles", long);
    const events = await this.#longRows("analytics", long);
    return found.map((change) => toChange(change, profiles, events));
  }

  /** The sessions with these ids, as they are now. */
  async sessions(ids: readonly string[]): Promise<RawRow<"sessions">[]> {
    return await this.#rows("sessions", ids);
  }

  /**
   * Changes with what their rows hold; of a long document only its length. What is selected from is plain SQL, because Kysely takes
   * as long to make this of its parts as SQLite takes for a dozen rows.
   */
  async #joined(after: number, limit: number): Promise<readonly JoinedChange[]> {
    const joined = sql<JoinedChange>`(
      select noted.seq, noted.kind, noted.id, profile.member, profile.document, event.event_type,
        coalesce(profile.session, event.session) as session,
        coalesce(profile.timestamp, event.timestamp) as timestamp,
        ${this.#jsonBytes} as bytes,
        case when ${this.#jsonBytes} <= ${sql.lit(SHORT_BYTES)} then coalesce(profile.profile, event.data) end as json
      from (select seq, kind, id from telepool_changes where seq > ${after} order by seq limit ${limit}) as noted
      left join profiles as profile on noted.kind = ${sql.lit(CHANGE_KINDS.profiles)} and profile.id = noted.id
      left join analytics as event on noted.kind = ${sql.lit(CHANGE_KINDS.analytics)} and event.id = noted.id)`;
    const rows = await this.#db.selectFrom(joined.as("page")).selectAll().orderBy("seq").execute();
    for (const row of rows) {
      row.seq = Number(row.seq);
      row.bytes = Number(row.bytes);
    }
    return rows;
  }

  /** The rows of a table whose documents were too long to be read with their changes, by their ids. */
  async #longRows<T extends JsonTable>(
    table: T,
    long: readonly JoinedChange[],
  ): Promise<ReadonlyMap<string, RawRow<T>>> {
    const ids = long.filter(({ kind }) => Number(kind) === CHANGE_KINDS[table]).map(({ id }) => id);
    return new Map((await this.#rows(table, [...new Set(ids)])).map((row) => [row.id, row]));
  }

  /** The rows with these ids, each once; an id without a row is left out. */
  async #rows<T extends TableName>(table: T, ids: readonly string[]): Promise<RawRow<T>[]> {
    const telemetry = this.#db as unknown as Kysely<TelemetryTables>; // has these tables, and more
    const found: RawRow<T>[] = [];
    for (let start = 0; start < ids.length; start += QUERY_IDS) {
      found.push(...(await rowsByIds(telemetry, table, ids.slice(start, start + QUERY_IDS))));
    }
    return found;
  }
}

/** The tables with documents. */
type JsonTable = "profiles" | "analytics";

/** A change beside its row; all columns of a row that is not there are null. */
interface JoinedChange {
  seq: number;
  readonly kind: number;
  readonly id: string;
  readonly session: string | null;
  readonly timestamp: number | null;
  readonly member: string | null;
  readonly document: string | null;
  readonly event_type: string | null;
  /** How long the document is. */
  bytes: number;
  /** The document, unless it is long. */
  readonly json: string | null;
}

function toChange(
  joined: JoinedChange,
  profiles: ReadonlyMap<string, RawRow<"profiles">>,
  events: ReadonlyMap<string, RawRow<"analytics">>,
): Change {
  const { seq, id } = joined;
  const bytes = joined.bytes + ROW_BYTES;
  // SQLite lets other programs write ids that are no texts, and finds their rows by no other.
  const json = typeof id !== "string" && joined.timestamp !== null ? (joined.json ?? "") : joined.json;
  switch (Number(joined.kind)) {
    case CHANGE_KINDS.profiles:
      return { seq, id, bytes, table: "profiles", row: json === null ? profiles.get(id) : profileOf(joined, json) };
    case CHANGE_KINDS.analytics:
      return { seq, id, bytes, table: "analytics", row: json === null ? events.get(id) : eventOf(joined, json) };
    case CHANGE_KINDS.sessions:
      return { seq, id, bytes, table: "sessions" };
    default:
      throw new TelepoolError(
        "NOT_SUPPORTED",
        "the database notes changes that this telepool does not know; upgrade it",
      );
  }
}

/** No column of a profile that is there is null. */
function profileOf({ id, session, timestamp, member, document }: JoinedChange, profile: string): RawRow<"profiles"> {
  return { id, session, profile, timestamp, member, document } as RawRow<"profiles">;
}

/** No column of an event that is there is null, but its session. */
function eventOf({ id, event_type, timestamp, session }: JoinedChange, data: string): RawRow<"analytics"> {
  return { id, event_type, data, timestamp, session } as RawRow<"analytics">;
}

/** As many of the changes as fit, and at least one. */
function withinBytes(changes: readonly JoinedChange[], maxBytes: number): readonly JoinedChange[] {
  let bytes = 0;
  const end = changes.findIndex((change, position) => {
    bytes += change.bytes + ROW_BYTES;
    return bytes > maxBytes && position > 0;
  });
  return end === -1 ? changes : changes.slice(0, end);
}
