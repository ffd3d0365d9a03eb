/**
 * Brings the schema up to date, once, also when several processes start together: Kysely's migrator works under a lock of
 * the database (SQLite: the write transaction) and keeps what it has done in `telepool_migrations`.
 */
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { isTelepoolError, TelepoolError } from "../errors.ts";
import { createFirstTables } from "./migrations/0001-first-tables.ts";
import { findAdoptedTables } from "./migrations/adopted-tables.ts";

const MIGRATION_TABLE = "telepool_migrations";

/** Every step that the schema has gone through, by its name; names sort in the order of the steps. */
function migrations(dialect: SqlDialect): Record<string, Migration> {
  return {
    "0001-first-tables": { up: (db) => createFirstTables(db, dialect) },
  };
}

/**
 * Runs what has not run yet. A database that cannot be written and needs nothing is fine.
 *
 * @throws TelepoolError `MIGRATION_FAILED`, `READ_ONLY` with what to do, or the database's own error
 */
export async function migrate(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const error = await migrationFailure(db, dialect);
  if (error === undefined) return;
  if (isTelepoolError(error, "READ_ONLY")) throw await explainReadOnly(db, migratorOver(db, dialect), error);
  if (isTelepoolError(error) && error.code !== "STATEMENT_FAILED") throw error;
  throw new TelepoolError(
    "MIGRATION_FAILED",
    "the schema could not be brought up to date; if a newer telepool wrote this database, upgrade, else see the cause",
    { cause: error },
  );
}

function migratorOver(db: Kysely<unknown>, dialect: SqlDialect): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations(dialect) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: "telepool_migrations_lock",
  });
}

/** Migrates, and says what stood in the way: under the dialect's lock in one transaction, or as Kysely's adapter does it. */
async function migrationFailure(db: Kysely<unknown>, dialect: SqlDialect): Promise<unknown> {
  const { migrationLock } = dialect;
  if (migrationLock === undefined) return (await migratorOver(db, dialect).migrateToLatest()).error;
  try {
    await db.transaction().execute(async (trx) => {
      await migrationLock.execute(trx);
      await createMigrationTable(trx);
      const { error } = await migratorOver(trx, dialect).migrateToLatest();
      if (error !== undefined) throw error;
    });
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Makes the table in which Kysely keeps what it has done. Kysely would do so itself, but it looks again after a failure,
 * which a transaction that has failed does not allow; so the reason would be lost.
 */
async function createMigrationTable(trx: Kysely<unknown>): Promise<void> {
  const tables = await trx.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some(({ name }) => name === MIGRATION_TABLE)) return;
  await trx.schema
    .createTable(MIGRATION_TABLE)
    .addColumn("name", "varchar(255)", (column) => column.notNull().primaryKey())
    .addColumn("timestamp", "varchar(255)", (column) => column.notNull())
    .execute();
}

/** Says why a database that cannot be written would have to be. */
async function explainReadOnly(db: Kysely<unknown>, migrator: Migrator, cause: TelepoolError): Promise<TelepoolError> {
  const steps = await migrator.getMigrations();
  const isOurs = steps.some(({ executedAt }) => executedAt !== undefined) || (await findAdoptedTables(db)).size > 0;
  const message = isOurs
    ? "the schema is not up to date and the database cannot be written; open it once for writing, without readOnly"
    : "this is not a telepool database, and it cannot be written to become one; name another, or open it once for writing, without readOnly";
  return new TelepoolError("READ_ONLY", message, { cause });
}
