/**
 * Rows as they are stored, for what goes through whole tables: keys in the order of ids, which is the byte order of their
 * UTF-8 on every database, and rows by their ids. A key says how much its row weighs before the row is read.
 */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import type { TelemetryTables } from "./tables.ts";

/** A table of telepool's. */
export type TableName = keyof TelemetryTables;

/** A row as its table holds it. */
export type RawRow<T extends TableName> = TelemetryTables[T];

/** The columns of each table; a user may have added others. */
export const COLUMNS = {
  profiles: ["id", "session", "profile", "timestamp", "member", "document"],
  sessions: ["id", "member", "created_at", "last_activity", "profile_count"],
  analytics: ["id", "event_type", "data", "timestamp", "session"],
} as const;

/** The column that holds JSON, where a table has one. */
export const JSON_COLUMN = { profiles: "profile", sessions: undefined, analytics: "data" } as const;

/** The id of a row, and about how many bytes the row has. */
export interface RowKey {
  readonly id: string;
  readonly bytes: number;
}

/** Where a page of keys begins and ends. */
export interface KeyRange {
  /** The id before the first of the page; from the beginning if absent. */
  readonly after?: string | undefined;
  /** The last id that may be on the page. */
  readonly upTo?: string | undefined;
  readonly limit: number;
}

/** What a row has beside its JSON: an estimate. */
export const ROW_BYTES = 200;

/** The keys of the next rows, in the order of their ids; without a dialect the rows are not weighed. */
export async function keysById(
  db: Kysely<TelemetryTables>,
  dialect: SqlDialect | undefined,
  table: TableName,
  { after, upTo, limit }: KeyRange,
): Promise<RowKey[]> {
  let query = db.selectFrom(table).select(["id", jsonBytes(dialect, table).as("bytes")]);
  // There is always a bound: without one SQLite may prefer to sort the whole table.
  query = query.where("id", after === undefined ? ">=" : ">", after ?? "");
  if (upTo !== undefined) query = query.where("id", "<=", upTo);
  return (await query.orderBy("id").limit(limit).execute()).map(toKey);
}

/** The key of a profile, and its time, after which the profiles of a session come in order. */
export interface SessionKey extends RowKey {
  readonly timestamp: number;
}

/** The keys of a session's next profiles, oldest first; equal times in the order of their ids. */
export async function keysOfSession(
  db: Kysely<TelemetryTables>,
  dialect: SqlDialect,
  session: string,
  { after, limit }: { readonly after?: SessionKey | undefined; readonly limit: number },
): Promise<SessionKey[]> {
  const from = after?.timestamp ?? 0;
  let query = db
    .selectFrom("profiles")
    .select(["id", "timestamp", jsonBytes(dialect, "profiles").as("bytes")])
    .where("session", "=", session)
    .where("timestamp", ">=", from);
  if (after !== undefined)
    query = query.where(sql<boolean>`(${sql.ref("timestamp")} > ${from} or ${sql.ref("id")} > ${after.id})`);
  const rows = await query.orderBy("timestamp").orderBy("id").limit(limit).execute();
  return rows.map((row) => ({ ...toKey(row), timestamp: row.timestamp }));
}

/** The rows with these ids, in no order; an id without a row is left out. */
export async function rowsByIds<T extends TableName>(
  db: Kysely<TelemetryTables>,
  table: T,
  ids: readonly string[],
): Promise<RawRow<T>[]> {
  if (ids.length === 0) return [];
  const columns = COLUMNS[table] as readonly "id"[]; // Kysely knows the columns of one table, not those of any
  const rows: unknown = await db
    .selectFrom(table as TableName)
    .select(columns)
    .where("id", "in", ids)
    .execute();
  return rows as RawRow<T>[]; // these are the columns of the table
}

/** Which of these ids have a row. */
export async function idsAmong(
  db: Kysely<TelemetryTables>,
  table: TableName,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db.selectFrom(table).select("id").where("id", "in", ids).execute();
  return new Set(rows.map((row) => row.id));
}

/** The greatest id; `undefined` when there is no row. */
export async function lastId(db: Kysely<TelemetryTables>, table: TableName): Promise<string | undefined> {
  return (await db.selectFrom(table).select("id").orderBy("id", "desc").limit(1).executeTakeFirst())?.id;
}

/** How many rows there are; the database may look at all of them. */
export async function countRows(db: Kysely<TelemetryTables>, table: TableName): Promise<number> {
  const counted = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(counted.rows);
}

function jsonBytes(dialect: SqlDialect | undefined, table: TableName): RawBuilder<number> {
  const column = JSON_COLUMN[table];
  return column === undefined || dialect === undefined ? sql<number>`0` : dialect.jsonBytes(column);
}

function toKey({ id, bytes }: { readonly id: string; readonly bytes: number }): RowKey {
  return { id, bytes: Number(bytes) + ROW_BYTES };
}
