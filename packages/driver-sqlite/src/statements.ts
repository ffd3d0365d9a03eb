/**
 * Prepared statements of one connection, by their text. Beyond a number that a program's own statements hardly reach,
 * the one that was prepared first is finalized; keeping account of their use would cost more than preparing one again.
 */
import type { Database, Statement } from "bun:sqlite";

const MAX_STATEMENTS = 200;

/** A cache of prepared statements. */
export class Statements {
  readonly #database: Database;
  readonly #bySql = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The prepared statement for `sql`. */
  get(sql: string): Statement {
    return this.#bySql.get(sql) ?? this.#prepare(sql);
  }

  /** Finalizes all of them. */
  clear(): void {
    for (const statement of this.#bySql.values()) statement.finalize();
    this.#bySql.clear();
  }

  #prepare(sql: string): Statement {
    const statement = this.#database.prepare(sql);
    if (this.#bySql.size === MAX_STATEMENTS) this.#dropFirst();
    this.#bySql.set(sql, statement);
    return statement;
  }

  #dropFirst(): void {
    for (const [sql, statement] of this.#bySql) {
      this.#bySql.delete(sql);
      statement.finalize();
      return;
    }
  }
}
