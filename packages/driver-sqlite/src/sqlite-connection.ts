/**
 * A connection in the program's own thread: commits, point reads and small pages, all of which take microseconds.
 * It answers without promises, except when a write has to let the WAL keeper go first.
 */
import type { Database } from "bun:sqlite";
import type {
  DriverConnection,
  EventRow,
  MaybePromise,
  ProfileRow,
  SqlStatement,
  StatementResult,
  WriteReport,
} from "@telepool/core";
import { insertEvents, insertProfiles } from "./bulk-write.ts";
import { runStatement } from "./run-statement.ts";
import { breaksConnection } from "./sqlite-errors.ts";
import { Statements } from "./statements.ts";
import type { WalKeeper } from "./wal-keeper.ts";

const SELECT_PROFILE = "select id, session, profile, timestamp, member, document from profiles where id = ?";

/** One open database handle. */
export class SqliteConnection implements DriverConnection {
  readonly #database: Database;
  readonly #statements: Statements;
  /** Present on the connection that writes to a file. */
  readonly #walKeeper: WalKeeper | undefined;
  /** Rows of the open transaction. */
  #rows = 0;
  #broken = false;

  constructor(database: Database, walKeeper: WalKeeper | undefined) {
    this.#database = database;
    this.#statements = new Statements(database);
    this.#walKeeper = walKeeper;
  }

  execute(statement: SqlStatement): StatementResult {
    return this.#guarded(() => runStatement(this.#statements, statement));
  }

  begin(): MaybePromise<void> {
    const pause = this.#walKeeper?.beforeWrite();
    return pause === undefined ? this.#begin() : pause.then(() => this.#begin());
  }

  commit(): void {
    this.#guarded(() => this.#statements.get("commit").run());
    this.#walKeeper?.afterCommit(this.#rows);
    this.#rows = 0;
  }

  rollback(): void {
    this.#rows = 0;
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (this.#database.inTransaction) this.#guarded(() => this.#statements.get("rollback").run());
  }

  writeProfiles(rows: readonly ProfileRow[]): MaybePromise<WriteReport> {
    return this.#write(rows.length, () => insertProfiles(this.#statements, rows));
  }

  writeEvents(rows: readonly EventRow[]): MaybePromise<WriteReport> {
    return this.#write(rows.length, () => insertEvents(this.#statements, rows));
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
    this.#guarded(() => this.#statements.get("begin immediate").run());
  }

  #write(rows: number, work: () => WriteReport): MaybePromise<WriteReport> {
    this.#rows += rows;
    if (this.#database.inTransaction) return this.#guarded(work);
    const pause = this.#walKeeper?.beforeWrite();
    return pause === undefined ? this.#transaction(work) : pause.then(() => this.#transaction(work));
  }

  #transaction(work: () => WriteReport): WriteReport {
    this.#begin();
    try {
      const report = this.#guarded(work);
      this.commit();
      return report;
    } catch (error) {
      this.rollback();
      throw error;
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
