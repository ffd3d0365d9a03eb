/**
 * The tables that a copy needs in the database beside those of the store. They are made when a store is first copied, so a
 * store without a copy pays for none of this (docs/decisions/0014-copy.md).
 */
import type { Kysely } from "kysely";
import type { ChangeCapture, SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { inTransaction } from "../sql/in-transaction.ts";
import type { TelemetryTables } from "../store/tables.ts";

/** What changed: the number that stands in `telepool_changes.kind`. */
export const CHANGE_KINDS = { profiles: 1, analytics: 2, sessions: 3 } as const;

/** One row for each change that is not copied yet, written by triggers in the transaction that made the change. */
export interface ChangesTable {
  seq: number;
  /** One of `CHANGE_KINDS`. */
  kind: number;
  /** The id of the row that was inserted, changed or deleted. */
  id: string;
}

/** One row: which copy this database is the source of, and how far it is. */
export interface CopyTable {
  /** Always 1. */
  id: number;
  source: string;
  /** The number of the last object of the log; 0 before the first. */
  sequence: number;
  /** The sha256 of that object; empty before the first. */
  sha256: string;
  /** The time that stands in that object, in milliseconds since 1970. */
  committed_at: number;
  /** The process that copies. */
  holder: string;
  /** Until when it does, unless it says so again: milliseconds since 1970. */
  held_until: number;
}

/** Objects that were about to be put, so that they are known for our own when nobody saw the answer. */
export interface IntentsTable {
  sequence: number;
  sha256: string;
}

/** What else is to be remembered, by name. */
export interface NotesTable {
  name: string;
  /** JSON text. */
  value: string;
}

/** All tables that copying works with. */
export interface SyncTables extends TelemetryTables {
  telepool_changes: ChangesTable;
  telepool_copy: CopyTable;
  telepool_copy_intents: IntentsTable;
  telepool_copy_notes: NotesTable;
}

/** Makes the table of notes, which a database that is restored into has before the others. */
export async function createNotes(db: Kysely<SyncTables>, { types }: SqlDialect): Promise<void> {
  await db.schema
    .createTable("telepool_copy_notes")
    .ifNotExists()
    .addColumn("name", types.name, (column) => column.primaryKey().notNull())
    .addColumn("value", types.json, (column) => column.notNull())
    .execute();
}

/**
 * Makes the tables and the triggers that are not there; waits for transactions that are writing. Each step is a transaction
 * of its own: one that held several tables at once could meet a caller's in a deadlock. Gives back whether the triggers were
 * all there before.
 */
export async function createChangeTables(db: Kysely<SyncTables>, dialect: SqlDialect): Promise<boolean> {
  const { changeCapture } = dialect;
  if (changeCapture === undefined) {
    throw new TelepoolError("NOT_SUPPORTED", "this driver cannot note changes, so its stores cannot be copied");
  }
  await underLock(db, dialect, (locked) => createNotes(locked, dialect));
  await underLock(db, dialect, (locked) => createLedger(locked, dialect));
  if (await isInstalled(db, changeCapture)) return true;
  for (const statement of changeCapture.install) {
    await underLock(db, dialect, (locked) => statement.execute(locked));
  }
  return false;
}

async function isInstalled(db: Kysely<SyncTables>, capture: ChangeCapture): Promise<boolean> {
  const { rows } = await capture.isInstalled.execute(db);
  return Number(rows[0]?.complete) === 1;
}

/**
 * Does work while no other program does such work, where the database would not have them wait for each other by itself; again,
 * when a transaction that is open was in the way, so that whoever wants to write meanwhile gets his turn.
 */
async function underLock(
  db: Kysely<SyncTables>,
  { migrationLock }: SqlDialect,
  work: (db: Kysely<SyncTables>) => Promise<unknown>,
): Promise<void> {
  if (migrationLock === undefined) {
    await work(db);
    return;
  }
  await inTransaction(db, async (trx) => {
    await migrationLock.execute(trx);
    await work(trx);
  });
}

async function createLedger(db: Kysely<SyncTables>, { types }: SqlDialect): Promise<void> {
  await db.schema
    .createTable("telepool_copy")
    .ifNotExists()
    .addColumn("id", types.bigint, (column) => column.primaryKey().notNull())
    .addColumn("source", types.name, (column) => column.notNull())
    .addColumn("sequence", types.bigint, (column) => column.notNull())
    .addColumn("sha256", types.name, (column) => column.notNull())
    .addColumn("committed_at", types.bigint, (column) => column.notNull())
    .addColumn("holder", types.name, (column) => column.notNull())
    .addColumn("held_until", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("telepool_copy_intents")
    .ifNotExists()
    .addColumn("sequence", types.bigint, (column) => column.notNull())
    .addColumn("sha256", types.name, (column) => column.notNull())
    .addPrimaryKeyConstraint("telepool_copy_intents_pk", ["sequence", "sha256"])
    .execute();
}

/**
 * Removes the triggers and the tables: nothing is noted any more. How far the copy is goes first: should this break off, no copy
 * goes on as if nothing had been missed.
 */
export async function dropChangeTables(db: Kysely<SyncTables>, { changeCapture }: SqlDialect): Promise<void> {
  for (const name of ["telepool_copy", "telepool_copy_intents"]) await db.schema.dropTable(name).ifExists().execute();
  for (const statement of changeCapture?.remove ?? []) await statement.execute(db);
  for (const name of ["telepool_changes", "telepool_copy_notes"]) await db.schema.dropTable(name).ifExists().execute();
}
