/**
 * Brings the schema up to date, once, also when several processes start together: Kysely's migrator works under the
 * database's own lock (SQLite: the write transaction) and keeps what it has done in `telepool_migrations`.
 */
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { createFirstTables } from "./migrations/0001-first-tables.ts";

/** Every step that the schema has gone through, by its name; names sort in the order of the steps. */
function migrations(dialect: SqlDialect): Record<string, Migration> {
  return {
    "0001-first-tables": { up: (db) => createFirstTables(db, dialect) },
  };
}

/**
 * Runs what has not run yet.
 *
 * @throws TelepoolError `MIGRATION_FAILED`, or the database's own error
 */
export async function migrate(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations(dialect) },
    migrationTableName: "telepool_migrations",
    migrationLockTableName: "telepool_migrations_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof TelepoolError && error.code !== "STATEMENT_FAILED") throw error;
  throw new TelepoolError(
    "MIGRATION_FAILED",
    "the schema could not be brought up to date; if a newer telepool wrote this database, upgrade, else see the cause",
    { cause: error },
  );
}
