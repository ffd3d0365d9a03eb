/** What is used of mysql2's connection, with promises instead of callbacks, and nothing else. */
import type { Connection } from "mysql2";

/** What a statement that gives no rows answers. */
export interface MysqlOk {
  readonly affectedRows: number;
  /** Of an update: `Rows matched: 2  Changed: 1  Warnings: 0`. */
  readonly info: string;
  readonly serverStatus: number;
}

/** Rows, or what became of a statement that gives none. */
export type MysqlAnswer = readonly Record<string, unknown>[] | MysqlOk;

/** One connection of mysql2. */
export class MysqlClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Runs a statement that has no parameters, as text. */
  query(sql: string): Promise<MysqlAnswer> {
    return new Promise((resolve, reject) => {
      this.#connection.query(sql, (error, answer) => {
        if (error === null)
          resolve(answer as unknown as MysqlAnswer); // its own types know more forms than a single statement has
        else reject(error);
      });
    });
  }

  /** Prepares a statement, unless this connection has done so before, and runs it. */
  execute(sql: string, values: readonly unknown[]): Promise<MysqlAnswer> {
    return new Promise((resolve, reject) => {
      // Its types leave out what it takes besides texts and numbers.
      this.#connection.execute(sql, values as string[], (error, answer) => {
        if (error === null) resolve(answer as unknown as MysqlAnswer);
        else reject(error);
      });
    });
  }

  /** Says goodbye. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#connection.end(() => resolve())); // that it was gone already is fine
  }
}

/** Whether an answer has no rows. */
export function isOk(answer: MysqlAnswer): answer is MysqlOk {
  return !Array.isArray(answer);
}
