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
import { COLUMNS, JSON_COLUMN, type RawRow, rowsByIds, type TableName } from "../store/raw-rows.ts";
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
/** What a row has beside its JSON: an estimate. */
const ROW_BYTES = 200;
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
   * transaction that was writing has ended when this resolves.
   *
   * @throws TelepoolError `NOT_SUPPORTED`, `PERMISSION_DENIED`, `READ_ONLY`
   */
  async install(): Promise<void> {
    await createChangeTables(this.#db, this.#dialect);
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
    const changes = withinBytes(await this.#weighed(noted, maxBytes), maxBytes);
    const has = (table: TableName): boolean => changes.some((change) => change.table === table);
    return {
      changes,
      profiles: has("profiles") ? await this.#rowsOf("profiles", changes) : [],
      events: has("analytics") ? await this.#rowsOf("analytics", changes) : [],
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

  /** The changes with the bytes of their rows: the mean of those that were noted without, if all of them fit, else each its own. */
  async #weighed(noted: readonly NotedChange[], maxBytes: number): Promise<Change[]> {
    const unweighed = noted.filter(({ bytes }) => bytes === null);
    if (unweighed.length === 0) return noted.map((change) => ({ ...change, bytes: change.bytes ?? 0 }));
    const total = (await this.#sumOfBytes("profiles", unweighed)) + (await this.#sumOfBytes("analytics", unweighed));
    const mean = total / unweighed.length + ROW_BYTES;
    if (mean * noted.length <= maxBytes) return noted.map((change) => ({ ...change, bytes: change.bytes ?? mean }));
    const weights = {
      profiles: await this.#bytesOf("profiles", unweighed),
      analytics: await this.#bytesOf("analytics", unweighed),
      sessions: new Map<string, number>(),
    };
    return noted.map((change) => {
      return { ...change, bytes: change.bytes ?? (weights[change.table].get(change.id) ?? 0) + ROW_BYTES };
    });
  }

  /** How many bytes of JSON the rows have that some changes are about. */
  async #sumOfBytes(table: "profiles" | "analytics", changes: readonly NotedChange[]): Promise<number> {
    const bytes = this.#dialect.jsonBytes(`row.${JSON_COLUMN[table]}`);
    const [summed] = await this.#joined(table, changes).select(sql<number | null>`sum(${bytes})`.as("bytes")).execute();
    return Number(summed?.bytes ?? 0);
  }

  /** The same of each row, by its id. */
  async #bytesOf(
    table: "profiles" | "analytics",
    changes: readonly NotedChange[],
  ): Promise<ReadonlyMap<string, number>> {
    const bytes = this.#dialect.jsonBytes(`row.${JSON_COLUMN[table]}`);
    const rows = await this.#joined(table, changes)
      .select(["row.id", bytes.as("bytes")])
      .execute();
    return new Map(rows.map((row) => [row.id, Number(row.bytes)]));
  }

  /** The rows that some changes are about, each once. */
  async #rowsOf<T extends "profiles" | "analytics">(table: T, changes: readonly Change[]): Promise<RawRow<T>[]> {
    const columns = COLUMNS[table].map((column) => `row.${column}` as "row.id"); // Kysely knows the columns of one table only
    const found: unknown = await this.#joined(table, changes).select(columns).execute();
    const rows = found as RawRow<T>[]; // these are the columns of the table
    return [...new Map(rows.map((row) => [row.id, row])).values()];
  }

  /** The rows of a table that the changes between the first and the last of some are about. */
  #joined(table: "profiles" | "analytics", changes: readonly NotedChange[]) {
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

/** A change as it was noted: without the bytes of its row, where the database did not look at them. */
type NotedChange = Omit<Change, "bytes"> & { readonly bytes: number | null };

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
