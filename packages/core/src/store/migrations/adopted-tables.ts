/**
 * Taking over the tables of a program that was written after the original brief: same names, same columns, but columns
 * that may be NULL, counts that nobody kept, and indexes under our names over other columns.
 *
 * The old tables are put aside under another name, their rows are copied, and they are dropped, with their indexes. A
 * table of one of our names that has other columns belongs to somebody else and is refused, before anything is changed.
 *
 * SQLite lets any column hold anything. What telepool could not read is mended in the copies, page by page, and no
 * profile is lost for it: what is no JSON object becomes the member `adopted` of one, and a time that is no number is 0.
 */
import { type Kysely, sql } from "kysely";
import type { SqlDialect } from "../../driver/sql-dialect.ts";
import { TelepoolError } from "../../errors.ts";
import { newId } from "../../ids.ts";
import { isJsonObject, parseJson } from "../json.ts";

const COLUMNS = {
  profiles: ["id", "session", "profile", "timestamp", "member", "document"],
  sessions: ["id", "member", "created_at", "last_activity", "profile_count"],
  analytics: ["id", "event_type", "data", "timestamp", "session"],
} as const;

type AdoptedTable = keyof typeof COLUMNS;

/** The columns in which an old table may hold what telepool cannot read. */
const MENDED: Readonly<Record<AdoptedTable, { readonly json?: string; readonly times: readonly string[] }>> = {
  profiles: { json: "profile", times: ["timestamp"] },
  sessions: { times: ["created_at", "last_activity"] },
  analytics: { json: "data", times: ["timestamp"] },
};

/** Rows that are looked at together; then the event loop turns. */
const PAGE_ROWS = 200;

/** What stands where an old row has no session, member, document or type. */
const UNKNOWN = "unknown";

/** The old tables, put aside. */
export class AdoptedTables {
  readonly #db: Kysely<unknown>;
  readonly #tables: ReadonlySet<AdoptedTable>;

  private constructor(db: Kysely<unknown>, tables: ReadonlySet<AdoptedTable>) {
    this.#db = db;
    this.#tables = tables;
  }

  /**
   * Renames the tables that are there already.
   *
   * @throws TelepoolError `MIGRATION_FAILED` when one of them is not telepool's
   */
  static async putAside(db: Kysely<unknown>, dialect: SqlDialect): Promise<AdoptedTables> {
    const found = await findAdoptedTables(db);
    if (!dialect.createAdapter().supportsTransactionalDdl) {
      for (const name of found) await dropEmpty(db, name);
      return new AdoptedTables(db, new Set());
    }
    for (const name of found) await db.schema.alterTable(name).renameTo(oldName(name)).execute();
    return new AdoptedTables(db, found);
  }

  /** Copies the rows into the new tables, and drops the old ones. */
  async takeOver(): Promise<void> {
    if (this.#tables.has("profiles")) await this.#takeProfiles();
    if (this.#tables.has("sessions")) await this.#takeSessions();
    if (this.#tables.has("analytics")) await this.#takeEvents();
    for (const name of this.#tables) await this.#db.schema.dropTable(oldName(name)).execute();
  }

  async #takeProfiles(): Promise<void> {
    await this.#copy("profiles", (id) => [
      id,
      sql`coalesce(session, ${UNKNOWN})`,
      sql`coalesce(profile, '{}')`,
      sql`coalesce(timestamp, 0)`,
      sql`coalesce(member, ${UNKNOWN})`,
      sql`coalesce(document, ${UNKNOWN})`,
    ]);
    await this.#mend("profiles"); // before its times make sessions
    await sql`insert into sessions (id, member, created_at, last_activity, profile_count)
      select session, member, first, last, profiles from (
        select session, member, count(*) over (partition by session) as profiles,
          min(timestamp) over (partition by session) as first, max(timestamp) over (partition by session) as last,
          row_number() over (partition by session order by timestamp, id) as position from profiles
      ) numbered where position = 1`.execute(this.#db);
  }

  /** Sessions with profiles have been counted anew; the others come as they are, without any. */
  async #takeSessions(): Promise<void> {
    await sql`insert into sessions (id, member, created_at, last_activity, profile_count)
      select id, coalesce(member, ${UNKNOWN}), coalesce(created_at, 0), coalesce(last_activity, created_at, 0), 0
      from ${sql.table(oldName("sessions"))}
      where id is not null and id not in (select id from sessions)`.execute(this.#db);
    await this.#mend("sessions");
  }

  async #takeEvents(): Promise<void> {
    await this.#copy("analytics", (id) => [
      id,
      sql`coalesce(event_type, ${UNKNOWN})`,
      sql`coalesce(data, '{}')`,
      sql`coalesce(timestamp, 0)`,
      sql`session`,
    ]);
    await this.#mend("analytics");
  }

  /** Copies all rows; those that have no id, which SQLite allows, get one. */
  async #copy(table: AdoptedTable, values: (id: unknown) => unknown[]): Promise<void> {
    const old = sql.table(oldName(table));
    const into = sql`insert into ${sql.table(table)} (${sql.join(COLUMNS[table].map((name) => sql.ref(name)))})`;
    await sql`${into} select ${sql.join(values(sql.ref("id")))} from ${old} where id is not null`.execute(this.#db);
    const { rows } = await sql<Record<string, unknown>>`select * from ${old} where id is null`.execute(this.#db);
    for (const row of rows) {
      const given = sql.join(COLUMNS[table].map((name) => sql`${row[name]} as ${sql.ref(name)}`));
      await sql`${into} select ${sql.join(values(newId()))} from (select ${given}) given`.execute(this.#db);
    }
  }

  /** Makes the rows of a new table readable. */
  async #mend(table: AdoptedTable): Promise<void> {
    const { json, times } = MENDED[table];
    const columns = ["id", ...times, ...(json === undefined ? [] : [json])].map((name) => sql.ref(name));
    let page: Record<string, unknown>[] = [];
    do {
      const after = page.at(-1);
      const where = after === undefined ? sql`` : sql`where id > ${after.id}`;
      const select = sql`select ${sql.join(columns)} from ${sql.table(table)} ${where} order by id limit ${sql.lit(PAGE_ROWS)}`;
      page = (await sql<Record<string, unknown>>`${select}`.execute(this.#db)).rows;
      for (const row of page) {
        const mended = new Map<string, unknown>(times.map((name) => [name, readableTime(row[name])]));
        if (json !== undefined) mended.set(json, readableJson(row[json]));
        const changes = [...mended].filter(([name, value]) => value !== row[name]);
        if (changes.length === 0) continue;
        const assignments = sql.join(changes.map(([name, value]) => sql`${sql.ref(name)} = ${value}`));
        await sql`update ${sql.table(table)} set ${assignments} where id = ${row.id}`.execute(this.#db);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (page.length === PAGE_ROWS);
  }
}

/**
 * Those of the tables that an older program has made.
 *
 * @throws TelepoolError `MIGRATION_FAILED` when one of our names is another program's
 */
export async function findAdoptedTables(db: Kysely<unknown>): Promise<ReadonlySet<AdoptedTable>> {
  const found = new Set<AdoptedTable>();
  for (const table of await db.introspection.getTables()) {
    if (!isOurs(table.name)) continue;
    const columns = table.columns.map(({ name }) => name).sort();
    if (table.isView || columns.join() !== [...COLUMNS[table.name]].sort().join()) throw foreignError(table.name);
    found.add(table.name);
  }
  return found;
}

/**
 * Drops a table that an interrupted first migration has left, where that cannot be rolled back. One with rows is an older
 * program's, and taking it over could not be undone if it failed half-way.
 */
async function dropEmpty(db: Kysely<unknown>, table: AdoptedTable): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db);
  if (rows.length > 0) {
    throw new TelepoolError(
      "MIGRATION_FAILED",
      `the database has a table "${table}" with rows, which cannot be taken over here: rename it, let telepool make its tables, and copy the rows with insert … select`,
    );
  }
  await db.schema.dropTable(table).execute();
}

/** The time itself when it is whole, else what is left of it in whole milliseconds, else 0. */
function readableTime(value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const whole = typeof number === "number" ? Math.trunc(number) : 0;
  return Number.isSafeInteger(whole) ? whole : 0;
}

/** The text itself when it is a JSON object, else one that holds it as `adopted`. */
function readableJson(value: unknown): string {
  const text = value instanceof Uint8Array ? bytesText(value) : String(value);
  const parsed = parseJson(text);
  if (parsed !== undefined && isJsonObject(parsed)) return text;
  return JSON.stringify({ adopted: parsed === undefined ? text : parsed });
}

/** The text that bytes are, or their base64 when they are none. */
function bytesText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("base64");
  }
}

function isOurs(name: string): name is AdoptedTable {
  return Object.hasOwn(COLUMNS, name);
}

function oldName(table: AdoptedTable): string {
  return `telepool_old_${table}`;
}

function foreignError(table: string): TelepoolError {
  return new TelepoolError(
    "MIGRATION_FAILED",
    `the database has a table "${table}" that is not telepool's; give telepool a database of its own`,
  );
}
