/** Prepared statements of one connection, by their text: the most recently used are kept, the others finalized. */
import type { Database, Statement } from "bun:sqlite";

const MAX_STATEMENTS = 200;

/** A cache of prepared statements. */
export class Statements {
  readonly #database: Database;
  /** In the order of their last use, the oldest first. */
  readonly #bySql = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The prepared statement for `sql`. */
  get(sql: string): Statement {
    const known = this.#bySql.get(sql);
    if (known !== undefined) {
      this.#bySql.delete(sql);
      this.#bySql.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    this.#bySql.set(sql, statement);
    if (this.#bySql.size > MAX_STATEMENTS) this.#evictOldest();
    return statement;
  }

  /** Finalizes all of them. */
  clear(): void {
    for (const statement of this.#bySql.values()) statement.finalize();
    this.#bySql.clear();
  }

  #evictOldest(): void {
    for (const [sql, statement] of this.#bySql) {
      this.#bySql.delete(sql);
      statement.finalize();
      return;
    }
  }
}
