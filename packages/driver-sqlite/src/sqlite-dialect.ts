/** SQLite's SQL, as the repository needs it. */
import type { JsonPath, SqlDialect } from "@telepool/core";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import { sqliteChangeCapture } from "./change-capture.ts";

/** Pages that one reclaiming step gives back: some milliseconds of work. */
const RECLAIM_PAGES = 500;

/** A path in SQLite's notation: `$."a"[0]`. */
function pathText(path: JsonPath): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`)).join("")}`;
}

/** Kysely takes SQLite for one connection whose schema changes cannot be rolled back; ours are many, and SQLite can. */
class PooledSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The dialect; texts are compared byte by byte, which is SQLite's default. */
export const sqliteDialect: SqlDialect = {
  createAdapter: () => new PooledSqliteAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  types: { name: sql`text`, json: sql`json`, bigint: sql`integer` },
  jsonNumber: (column, path) => {
    const value = sql.ref(column);
    const where = pathText(path);
    return sql<
      number | null
    >`case when json_type(${value}, ${where}) in ('integer', 'real') then cast(json_extract(${value}, ${where}) as real) end`;
  },
  jsonBytes: (column) => sql<number>`octet_length(${sql.ref(column)})`,
  usedBytes: sql<{ bytes: number }>`select (p.page_count - f.freelist_count) * s.page_size as bytes
    from pragma_page_count p, pragma_freelist_count f, pragma_page_size s`,
  reclaim: {
    step: sql`pragma incremental_vacuum(${sql.lit(RECLAIM_PAGES)})`,
    freeBytes: sql<{
      bytes: number;
    }>`select case when a.auto_vacuum = 2 then f.freelist_count * s.page_size else 0 end as bytes
      from pragma_auto_vacuum a, pragma_freelist_count f, pragma_page_size s`,
  },
  rowLocks: false,
  integrityCheck: sql<{ finding: string }>`select integrity_check as finding from pragma_integrity_check`,
  changeCapture: sqliteChangeCapture,
};
