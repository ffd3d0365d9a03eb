/**
 * A connection in the program's own thread: commits, point reads and small pages, all of which take microseconds.
 * It answers without promises, except when a write has to let the WAL keeper go first.
 */
import type { Database } from "bun:sqlite";
import {
  type DriverConnection,
  type EventRow,
  type MaybePromise,
  type ProfileRow,
  type SqlStatement,
  type StatementResult,
  TelepoolError,
  type WriteReport,
} from "@telepool/core";
import { insertEvents, insertProfiles } from "./bulk-write.ts";
import { runStatement } from "./run-statement.ts";
import { breaksConnection, resultCode } from "./sqlite-errors.ts";
import { Statements } from "./statements.ts";
import type { WalKeeper } from "./wal-keeper.ts";

const SELECT_PROFILE = "select id, session, profile, timestamp, member, document from profiles where id = ?";

/** One open database handle. */
export class SqliteConnection implements DriverConnection {
  readonly #database: Database;
  readonly #statements: Statements;
  readonly #beginSql: string;
  /** Present on the connection that writes to a file. */
  readonly #walKeeper: WalKeeper | undefined;
  #broken = false;

  /** @param begin the statement that opens a transaction: SQLite refuses to begin one at once that may not write */
  constructor(database: Database, begin: "begin" | "begin immediate", walKeeper: WalKeeper | undefined) {
    this.#database = database;
    this.#beginSql = begin;
    this.#statements = new Statements(database);
    this.#walKeeper = walKeeper;
  }

  execute(statement: SqlStatement): MaybePromise<StatementResult> {
    if (this.#database.inTransaction) return this.#guarded(() => runStatement(this.#statements, statement));
    return this.#afterPause(() => {
      const result = this.#guarded(() => runStatement(this.#statements, statement));
      this.#walKeeper?.afterCommit();
      return result;
    });
  }

  begin(): MaybePromise<void> {
    return this.#afterPause(() => this.#begin());
  }

  commit(): void {
    try {
      this.#guarded(() => this.#statements.get("commit").run());
    } catch (error) {
      throw commitError(error);
    }
    this.#walKeeper?.afterCommit();
  }

  rollback(): void {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (this.#database.inTransaction) this.#guarded(() => this.#statements.get("rollback").run());
  }

  writeProfiles(rows: readonly ProfileRow[]): MaybePromise<WriteReport> {
    return this.#write(() => insertProfiles(this.#statements, rows));
  }

  writeEvents(rows: readonly EventRow[]): MaybePromise<WriteReport> {
    return this.#write(() => insertEvents(this.#statements, rows));
  }

  readProfiles(ids: readonly string[]): (ProfileRow | undefined)[] {
    return this.#guarded(() => {
      const select = this.#statements.get(SELECT_PROFILE);
      return ids.map((id) => (select.get(id) as ProfileRow | null) ?? undefined); // the columns are ProfileRow's fields
    });
  }

  ping(): void {
    this.#guarded(() => this.#statements.get("select 1").get());
  }

  reset(): void {
    if (this.#database.inTransaction) this.rollback();
  }

  isBroken(): boolean {
    return this.#broken;
  }

  async close(): Promise<void> {
    await this.#walKeeper?.close();
    this.#statements.clear();
    this.#database.close();
  }

  #begin(): void {
    this.#guarded(() => this.#statements.get(this.#beginSql).run());
  }

  #write(work: () => WriteReport): MaybePromise<WriteReport> {
    if (this.#database.inTransaction) return this.#guarded(work);
    return this.#afterPause(() => this.#transaction(work));
  }

  /** Runs at once what may write, except when the WAL keeper has to go first. */
  #afterPause<T>(work: () => T): MaybePromise<T> {
    const pause = this.#walKeeper?.beforeWrite();
    return pause === undefined ? work() : pause.then(work);
  }

  #transaction(work: () => WriteReport): WriteReport {
    this.#begin();
    try {
      const report = this.#guarded(work);
      this.commit();
      return report;
    } catch (error) {
      this.#rollbackQuietly();
      throw error;
    }
  }

  /** After an error, which is the one to report. A connection that cannot roll back is not used again. */
  #rollbackQuietly(): void {
    try {
      this.rollback();
    } catch {
      this.#broken = true;
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (breaksConnection(error)) this.#broken = true;
      throw error;
    }
  }
}

/** When the disk fails in the middle of a commit, the commit may be in the log nevertheless. */
function commitError(error: unknown): unknown {
  if (!resultCode(error)?.startsWith("SQLITE_IOERR")) return error;
  return new TelepoolError(
    "COMMIT_OUTCOME_UNKNOWN",
    "the disk failed during a commit, which may be stored or not; writing the same ids again is safe",
    { cause: error },
  );
}
