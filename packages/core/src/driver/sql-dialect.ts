/**
 * What the repository must know of a database's SQL: Kysely's three parts that compile queries, the column types, and
 * the few expressions for which the databases share no syntax.
 */
import type { DatabaseIntrospector, DialectAdapter, Kysely, QueryCompiler, RawBuilder } from "kysely";

/** A path into a JSON document: object keys and array positions. */
export type JsonPath = readonly (string | number)[];

/** Column types in the database's own words, as they stand in `create table`. */
export interface ColumnTypes {
  /** Up to 255 characters, compared byte by byte: ids, sessions, members, documents, event types. */
  readonly name: RawBuilder<unknown>;
  /** A JSON document. */
  readonly json: RawBuilder<unknown>;
  /** A 64-bit integer. */
  readonly bigint: RawBuilder<unknown>;
}

/** How one kind of database is spoken to. */
export interface SqlDialect {
  createAdapter(): DialectAdapter;
  createQueryCompiler(): QueryCompiler;
  // Kysely declares its introspectors over any database type.
  // biome-ignore lint/suspicious/noExplicitAny: the type is Kysely's
  createIntrospector(db: Kysely<any>): DatabaseIntrospector;
  readonly types: ColumnTypes;
  /** The number at `path` of the JSON column `column`, as a floating-point value; NULL where there is no number. */
  jsonNumber(column: string, path: JsonPath): RawBuilder<number | null>;
  /** The length in bytes of the JSON column `column` as text. */
  jsonBytes(column: string): RawBuilder<number>;
  /**
   * A query of one row with one column `bytes`: how much storage the data takes, without what is free for reuse. Absent
   * where the database does not know until it has cleaned up; the rows themselves are measured then.
   */
  readonly usedBytes?: RawBuilder<{ bytes: number }>;
  /** How freed storage goes back to the file system; absent where the database sees to it itself. */
  readonly reclaim?: StorageReclaim;
  /**
   * A statement that waits for all other programs that migrate the database, and holds them up until its transaction ends.
   * Absent where a transaction that writes does so by itself, or where the adapter's own lock works.
   */
  readonly migrationLock?: RawBuilder<unknown>;
  /**
   * What stands behind a table's name so that one index is walked along, where the database would otherwise choose one by
   * which it reads more than a page; absent where it chooses well by itself.
   */
  indexHint?(index: string): RawBuilder<unknown>;
  /** Whether `select … for update` exists; without it a write transaction excludes all others. */
  readonly rowLocks: boolean;
  /** A query with one column `finding` that looks through the whole database and finds `ok`; absent where there is none. */
  readonly integrityCheck?: RawBuilder<{ finding: string }>;
  /** How the database itself notes which rows have changed; absent where a store cannot be copied to object storage. */
  readonly changeCapture?: ChangeCapture;
}

/**
 * Noting changes by triggers, in the transactions that make them, whichever program they come from: a table
 * `telepool_changes` (`seq`, which numbers itself, `kind`, `id`) gets a row for each row that was inserted, changed or deleted.
 * `kind` is 1 for profiles, 2 for analytics, 3 for sessions.
 *
 * A session that a profile has changed need not be noted, but for a profile that was deleted or changed, with which the
 * sessions of both are; a session that was inserted, deleted, or changed without its count, must be.
 */
export interface ChangeCapture {
  /** Statements that make the table and the triggers where they are missing. */
  readonly install: readonly RawBuilder<unknown>[];
  /** A query of one row with one column `complete`: 1 when `install` would find all the triggers that it makes. */
  readonly isInstalled: RawBuilder<{ complete: number }>;
  /** Statements that remove the triggers; each may find nothing to remove. */
  readonly remove: readonly RawBuilder<unknown>[];
  /**
   * A statement that deletes the changes with these numbers, a thousand at most. It touches no others, and so waits for no
   * transaction that is writing: a plan that looks at the whole table would.
   */
  forget(numbers: readonly number[]): RawBuilder<unknown>;
}

/** Giving freed storage back in steps, so that no step takes long. */
export interface StorageReclaim {
  /** A statement that gives back a bounded piece. */
  readonly step: RawBuilder<unknown>;
  /** A query of one row with one column `bytes`: how much is left to give back. */
  readonly freeBytes: RawBuilder<{ bytes: number }>;
}
