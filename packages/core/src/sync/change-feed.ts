/**
 * What has changed and is not copied yet, read from where the triggers noted it.
 *
 * A change is visible here exactly when its transaction has committed, and it goes only after an object with the state of
 * its row, read after the change was seen, was stored. Nothing depends on the order in which numbers were given or
 * transactions committed (docs/decisions/0014-copy.md has the argument for each database).
 */
import { type Kysely, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { COLUMNS, JSON_COLUMN, type RawRow, ROW_BYTES, rowsByIds, type TableName } from "../store/raw-rows.ts";
import type { TelemetryTables } from "../store/tables.ts";
import { CHANGE_KINDS, createChangeTables, dropChangeTables, type SyncTables } from "./change-tables.ts";

/** A change that is not copied yet. */
export interface Change {
  readonly seq: number;
  readonly table: TableName;
  readonly id: string;
  /** About how many bytes its row has. */
  readonly bytes: number;
}

/** Where a page of changes begins, and how much may be on it. */
export interface ChangesRequest {
  /** The number before the first; all numbers if absent. */
  readonly after?: number | undefined;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** A page of changes, with the rows that they are about as these are now. */
export interface ChangePage {
  readonly changes: readonly Change[];
  readonly profiles: readonly RawRow<"profiles">[];
  readonly events: readonly RawRow<"analytics">[];
}

const TABLES: ReadonlyMap<number, TableName> = new Map(
  Object.entries(CHANGE_KINDS).map(([table, kind]) => [kind, table as TableName]), // its keys are the tables
);
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

  /** @param db reads all that is committed, and writes */
  constructor(db: Kysely<SyncTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
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
   * The next changes with the rows that they are about; no change when there is none.
   *
   * Rows are found by a join with the changes, so the row of a change that another process forgets meanwhile seems to be gone.
   * Whoever forgets it has put an object into the log before, under the number that the reader of this page will ask for: its
   * own object is then refused, and the page with it.
   */
  async page({ after, maxRows, maxBytes }: ChangesRequest): Promise<ChangePage> {
    const noted = await this.#changes(after, maxRows);
    const isWeighed = noted.every(({ bytes }) => bytes !== null);
    return isWeighed ? await this.#weighedPage(noted, maxBytes) : await this.#unweighedPage(noted, maxBytes);
  }

  /** A page where it was noted how many bytes each row has: it is cut first. */
  async #weighedPage(noted: readonly NotedChange[], maxBytes: number): Promise<ChangePage> {
    const changes = withinBytes(
      noted.map((change) => ({ ...change, bytes: change.bytes ?? 0 })),
      maxBytes,
    );
    return {
      changes,
      profiles: await this.#rowsOf("profiles", changes, "whole"),
      events: await this.#rowsOf("analytics", changes, "whole"),
    };
  }

  /** A page where it was not: what is short is read and weighed; then the page is cut, and what is long is read. */
  async #unweighedPage(noted: readonly NotedChange[], maxBytes: number): Promise<ChangePage> {
    const profiles = await this.#rowsOf("profiles", noted, "short");
    const events = await this.#rowsOf("analytics", noted, "short");
    const bytes = {
      profiles: await this.#bytesOf("profiles", noted, profiles),
      analytics: await this.#bytesOf("analytics", noted, events),
      sessions: new Map<string, number>(),
    };
    const changes = withinBytes(
      noted.map((change) => ({ ...change, bytes: (bytes[change.table].get(change.id) ?? 0) + ROW_BYTES })),
      maxBytes,
    );
    return {
      changes,
      profiles: await this.#completed("profiles", changes, profiles),
      events: await this.#completed("analytics", changes, events),
    };
  }

  /** The sessions with these ids, as they are now. */
  async sessions(ids: readonly string[]): Promise<RawRow<"sessions">[]> {
    return await this.#rows("sessions", ids);
  }

  get #telemetry(): Kysely<TelemetryTables> {
    return this.#db as unknown as Kysely<TelemetryTables>; // has these tables, and more
  }

  /** The next changes as they were noted; how many bytes a row has may not have been. */
  async #changes(after: number | undefined, limit: number): Promise<NotedChange[]> {
    const rows = await this.#db
      .selectFrom("telepool_changes")
      .select(["seq", "kind", "id", "bytes"])
      .where("seq", ">", after ?? -1)
      .orderBy("seq")
      .limit(limit)
      .execute();
    return rows.map(({ seq, kind, id, bytes }) => {
      const table = TABLES.get(Number(kind));
      if (table === undefined) throw unknownKind();
      return { seq: Number(seq), table, id, bytes: bytes === null ? null : Number(bytes) + ROW_BYTES };
    });
  }

  /** How many bytes of JSON each row has, by its id. */
  async #bytesOf<T extends JsonTable>(
    table: T,
    changes: readonly NotedChange[],
    rows: readonly RawRow<T>[],
  ): Promise<ReadonlyMap<string, number>> {
    const bytes = new Map(rows.map((row) => [row.id, jsonOf(table, row)?.length ?? 0]));
    if (rows.every((row) => jsonOf(table, row) !== null)) return bytes;
    const length = this.#dialect.jsonBytes(`row.${JSON_COLUMN[table]}`);
    const long = await this.#joined(table, changes)
      .select(["row.id", length.as("bytes")])
      .where(length, ">", SHORT_BYTES)
      .execute();
    for (const row of long) bytes.set(row.id, Number(row.bytes));
    return bytes;
  }

  /** The rows of a page after it was cut, those whole that were too long to be read before. */
  async #completed<T extends JsonTable>(
    table: T,
    changes: readonly Change[],
    rows: readonly RawRow<T>[],
  ): Promise<RawRow<T>[]> {
    const wanted = new Set(changes.filter((change) => change.table === table).map(({ id }) => id));
    const isShort = (row: RawRow<T>): boolean => jsonOf(table, row) !== null;
    const kept = rows.filter(({ id }) => wanted.has(id));
    const long = kept.filter((row) => !isShort(row)).map(({ id }) => id);
    return long.length === 0 ? kept : [...kept.filter(isShort), ...(await this.#rows(table, long))];
  }

  /** The rows that some changes are about, each once; of `short` ones the JSON is null where it is long. */
  async #rowsOf<T extends JsonTable>(
    table: T,
    changes: readonly NotedChange[],
    how: "whole" | "short",
  ): Promise<RawRow<T>[]> {
    if (!changes.some((change) => change.table === table)) return [];
    const json = JSON_COLUMN[table];
    const length = this.#dialect.jsonBytes(`row.${json}`);
    const columns = COLUMNS[table].map(
      (column) =>
        column === json && how === "short"
          ? sql<string>`case when ${length} <= ${sql.lit(SHORT_BYTES)} then ${sql.ref(`row.${column}`)} end`.as(
              column as "id",
            )
          : (`row.${column}` as "row.id"), // Kysely knows the columns of one table only
    );
    const found: unknown = await this.#joined(table, changes).select(columns).execute();
    const rows = found as RawRow<T>[]; // these are the columns of the table
    return [...new Map(rows.map((row) => [row.id, row])).values()];
  }

  /** The rows of a table that the changes between the first and the last of some are about. */
  #joined(table: JsonTable, changes: readonly NotedChange[]) {
    return this.#db
      .selectFrom("telepool_changes as change")
      .innerJoin(`${table as "profiles"} as row`, "row.id", "change.id")
      .where("change.kind", "=", CHANGE_KINDS[table])
      .where("change.seq", ">=", changes[0]?.seq ?? 0)
      .where("change.seq", "<=", changes.at(-1)?.seq ?? -1);
  }

  /** The rows with these ids, each once; an id without a row is left out. */
  async #rows<T extends TableName>(table: T, ids: readonly string[]): Promise<RawRow<T>[]> {
    const found: RawRow<T>[] = [];
    for (let start = 0; start < ids.length; start += QUERY_IDS) {
      found.push(...(await rowsByIds(this.#telemetry, table, ids.slice(start, start + QUERY_IDS))));
    }
    return found;
  }
}

/** The tables with documents. */
type JsonTable = "profiles" | "analytics";

/** A change as it was noted: without the bytes of its row, where the database did not look at them. */
type NotedChange = Omit<Change, "bytes"> & { readonly bytes: number | null };

/** The document of a row; `null` if it was too long to be read. */
function jsonOf<T extends JsonTable>(table: T, row: RawRow<T>): string | null {
  return (row as unknown as Readonly<Record<string, string | null>>)[JSON_COLUMN[table]] ?? null; // see `#rowsOf`
}

/** As many of the changes as fit, and at least one. */
function withinBytes(changes: readonly Change[], maxBytes: number): readonly Change[] {
  let bytes = 0;
  const end = changes.findIndex((change, position) => {
    bytes += change.bytes;
    return bytes > maxBytes && position > 0;
  });
  return end === -1 ? changes : changes.slice(0, end);
}

function unknownKind(): TelepoolError {
  return new TelepoolError("NOT_SUPPORTED", "the database notes changes that this telepool does not know; upgrade it");
}
