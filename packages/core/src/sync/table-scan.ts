/**
 * Whole tables, a page at a time, for a first copy and for checkpoints: profiles and events in the order of time, so that what
 * belongs to a day comes together, sessions in the order of their ids. What changes meanwhile is noted as a change, so a
 * page may be of before or after it.
 */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { pieces } from "../manager/pieces.ts";
import { selectAlong } from "../store/newest-first.ts";
import { JSON_COLUMN, keysById, type RawRow, ROW_BYTES, rowsByIds, type TableName } from "../store/raw-rows.ts";
import type { TelemetryTables } from "../store/tables.ts";

/** Behind which row a page begins. */
export interface ScanPosition {
  /** Milliseconds since 1970; 0 for sessions. */
  readonly timestamp: number;
  readonly id: string;
}

/** Rows that follow each other. */
export interface ScannedRows<T extends TableName> {
  readonly rows: readonly RawRow<T>[];
  /** That of the last row. */
  readonly position: ScanPosition;
}

interface TimedKey extends ScanPosition {
  readonly bytes: number;
}

/** The most keys that are read at once. */
const MAX_KEYS = 16_000;

/** Goes through tables. */
export class TableScan {
  readonly #db: Kysely<TelemetryTables>;
  readonly #dialect: SqlDialect;
  readonly #pageRows: number;

  /** @param pageRows how many rows are read at once: few where the database is in this process */
  constructor(db: Kysely<TelemetryTables>, dialect: SqlDialect, pageRows: number) {
    this.#db = db;
    this.#dialect = dialect;
    this.#pageRows = pageRows;
  }

  /** The rows of a table from a position on, in pieces of at most some MiB. */
  async *rows<T extends TableName>(table: T, after?: ScanPosition): AsyncGenerator<ScannedRows<T>, void, undefined> {
    let from = after;
    let limit = this.#pageRows;
    for (;;) {
      const keys = await this.#keys(table, from, limit);
      for (const piece of pieces(keys, ({ bytes }) => bytes)) {
        const last = piece.at(-1);
        if (last === undefined) continue;
        yield { rows: await this.#rowsOf(table, piece), position: { timestamp: last.timestamp, id: last.id } };
      }
      if (keys.length < limit) return;
      from = keys.at(-1);
      // Rows of one time are sorted for every page of them: of very many the pages are made larger.
      const isOneTime = table !== "sessions" && keys[0]?.timestamp === from?.timestamp;
      limit = isOneTime ? Math.min(limit * 2, MAX_KEYS) : this.#pageRows;
    }
  }

  /** The rows of keys, in their order; a row that is gone by now is left out. */
  async #rowsOf<T extends TableName>(table: T, keys: readonly TimedKey[]): Promise<RawRow<T>[]> {
    const ids = keys.map(({ id }) => id);
    const found = new Map((await rowsByIds(this.#db, table, ids)).map((row) => [row.id, row]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async #keys(table: TableName, after: ScanPosition | undefined, limit: number): Promise<TimedKey[]> {
    if (table !== "sessions") return await this.#keysByTime(table, after, limit);
    const keys = await keysById(this.#db, undefined, table, { after: after?.id, limit });
    return keys.map(({ id, bytes }) => ({ id, bytes, timestamp: 0 }));
  }

  async #keysByTime(
    table: "profiles" | "analytics",
    after: ScanPosition | undefined,
    limit: number,
  ): Promise<TimedKey[]> {
    const from = after?.timestamp ?? Number.MIN_SAFE_INTEGER; // a table that was taken over may hold times before 1970
    const bytes: RawBuilder<number> = this.#dialect.jsonBytes(JSON_COLUMN[table]);
    const along = selectAlong(this.#db, this.#dialect, table, `idx_${table}_timestamp`);
    let query = along.select(["id", "timestamp", bytes.as("bytes")]);
    query = query.where("timestamp", ">=", from); // there is always a bound, so that SQLite walks along the index
    if (after !== undefined)
      query = query.where(sql<boolean>`(${sql.ref("timestamp")} > ${from} or ${sql.ref("id")} > ${after.id})`);
    const rows = await query.orderBy("timestamp").orderBy("id").limit(limit).execute();
    return rows.map((row) => ({ id: row.id, timestamp: row.timestamp, bytes: Number(row.bytes) + ROW_BYTES }));
  }
}
