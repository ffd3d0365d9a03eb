/** PostgreSQL's SQL, as the repository needs it. */
import type { JsonPath, SqlDialect } from "@telepool/core";
import {
  type DatabaseMetadataOptions,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type TableMetadata,
} from "kysely";
import { pgChangeCapture } from "./change-capture.ts";

/** Any number; two programs that migrate a database at the same time meet at it. */
const MIGRATION_LOCK = 7_305_104_871;

/** The migrations run in a transaction that holds `migrationLock`, which also works through a pooler in transaction mode. */
class LockedByTransactionAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Sees the tables of the current schema only, as those of other schemas are not meant when no schema is named. */
class CurrentSchemaIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }

  override async getTables(options?: DatabaseMetadataOptions): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(this.#db);
    const current = rows[0]?.name;
    return (await super.getTables(options)).filter(({ schema }) => schema === current);
  }
}

/** A path in PostgreSQL's notation that gives the number at its end, and nothing where there is none. */
function numberPath(path: JsonPath): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`));
  return `strict $${steps.join("")} ? (@.type() == "number")`;
}

/** The dialect; names are compared by their bytes, whatever the database's own collation. */
export const pgDialect: SqlDialect = {
  createAdapter: () => new LockedByTransactionAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new CurrentSchemaIntrospector(db),
  types: { name: sql`varchar(255) collate "C"`, json: sql`jsonb`, bigint: sql`bigint` },
  jsonNumber: (column, path) =>
    sql<number | null>`jsonb_path_query_first(${sql.ref(column)}, ${numberPath(path)}::jsonpath, '{}', true)::float8`,
  jsonBytes: (column) => sql<number>`octet_length(${sql.ref(column)}::text)`,
  migrationLock: sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`,
  rowLocks: true,
  changeCapture: pgChangeCapture,
};
