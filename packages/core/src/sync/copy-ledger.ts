/**
 * What a database knows of its copy: which copy it is the source of, how far the log is, and what was about to be put. The
 * log's head moves in the transaction that forgets the changes that the new object holds.
 */
import type { Kysely, Transaction } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { isTelepoolError } from "../errors.ts";
import { inTransaction } from "../sql/in-transaction.ts";
import type { SyncTables } from "./change-tables.ts";

/** How far a copy's log is. */
export interface CopyHead {
  /** The identity of the copy: a UUIDv7. */
  readonly source: string;
  /** The number of the log's last object; 0 before the first. */
  readonly sequence: number;
  /** The sha256 of that object's content; empty before the first. */
  readonly sha256: string;
  /** The time that stands in it: milliseconds since 1970. */
  readonly committedAt: number;
}

/** The next head of a log. */
export type NextHead = Omit<CopyHead, "source">;

const ROW = 1;
/** Changes that one statement forgets: as many as an object of small rows has. */
const FORGET_ROWS = 5000;

/** The record of a copy. */
export class CopyLedger {
  readonly #db: Kysely<SyncTables>;
  readonly #dialect: SqlDialect;

  constructor(db: Kysely<SyncTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /** The head; `undefined` before a copy has begun. */
  async head(): Promise<CopyHead | undefined> {
    const row = await this.#db
      .selectFrom("telepool_copy")
      .select(["source", "sequence", "sha256", "committed_at"])
      .where("id", "=", ROW)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { source, sequence, sha256, committed_at } = row;
    return { source, sequence: Number(sequence), sha256, committedAt: Number(committed_at) };
  }

  /** Begins a copy, unless one has begun; gives back the head of the one that has. */
  async begin(source: string): Promise<CopyHead> {
    const known = await this.head();
    if (known !== undefined) return known;
    const row = { id: ROW, source, sequence: 0, sha256: "", committed_at: 0, holder: "", held_until: 0 };
    try {
      await this.#db.insertInto("telepool_copy").values(row).execute();
    } catch (error) {
      if (!isTelepoolError(error, "CONSTRAINT_VIOLATED")) throw error; // another process was first
    }
    return (await this.head()) ?? { source, sequence: 0, sha256: "", committedAt: 0 };
  }

  /** Has the database be the source of a new copy, from its beginning. Changes that are noted stay. */
  async restart(source: string): Promise<CopyHead> {
    await this.begin(source);
    await inTransaction(this.#db, async (trx) => {
      const fresh = { source, sequence: 0, sha256: "", committed_at: 0 };
      await trx.updateTable("telepool_copy").set(fresh).where("id", "=", ROW).execute();
      await trx.deleteFrom("telepool_copy_intents").execute();
    });
    return { source, sequence: 0, sha256: "", committedAt: 0 };
  }

  /** Notes that an object is about to be put. */
  async intend(sequence: number, sha256: string): Promise<void> {
    try {
      await this.#db.insertInto("telepool_copy_intents").values({ sequence, sha256 }).execute();
    } catch (error) {
      if (!isTelepoolError(error, "CONSTRAINT_VIOLATED")) throw error; // noted before
    }
  }

  /** Whether an object of this content was about to be put here. */
  async intended(sequence: number, sha256: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom("telepool_copy_intents")
      .select("sequence")
      .where("sequence", "=", sequence)
      .where("sha256", "=", sha256)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Moves the head from one object to the next, and forgets the changes that the next one holds, in one transaction. Gives
   * back false, and does nothing, when the head is no longer `from`.
   *
   * @param intended the sha256 of the object behind `to`, if it is about to be put: it is noted in the same transaction
   */
  async advance(from: CopyHead, to: NextHead, copied: readonly number[], intended?: string): Promise<boolean> {
    return await inTransaction(this.#db, (trx) => this.#advance(trx, from, to, copied, intended));
  }

  /** Whether this process is the one that copies, until a time, which may be asked again; the others wait. */
  async hold(holder: string, untilMs: number, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("telepool_copy")
      .set({ holder, held_until: untilMs })
      .where("id", "=", ROW)
      .where((either) => either.or([either("holder", "=", holder), either("held_until", "<", nowMs)]))
      .executeTakeFirst();
    return Number(numUpdatedRows) > 0;
  }

  /** Lets another process copy at once. */
  async letGo(holder: string): Promise<void> {
    await this.#db
      .updateTable("telepool_copy")
      .set({ holder: "", held_until: 0 })
      .where("id", "=", ROW)
      .where("holder", "=", holder)
      .execute();
  }

  async #advance(
    trx: Transaction<SyncTables>,
    from: CopyHead,
    to: NextHead,
    copied: readonly number[],
    intended: string | undefined,
  ): Promise<boolean> {
    const { numUpdatedRows } = await trx
      .updateTable("telepool_copy")
      .set({ sequence: to.sequence, sha256: to.sha256, committed_at: to.committedAt })
      .where("id", "=", ROW)
      .where("source", "=", from.source)
      .where("sequence", "=", from.sequence)
      .executeTakeFirst();
    if (Number(numUpdatedRows) === 0) return false;
    await trx.deleteFrom("telepool_copy_intents").where("sequence", "<=", to.sequence).execute();
    for (let start = 0; start < copied.length; start += FORGET_ROWS) {
      await this.#dialect.changeCapture?.forget(copied.slice(start, start + FORGET_ROWS)).execute(trx);
    }
    if (intended !== undefined) {
      const intent = { sequence: to.sequence + 1, sha256: intended };
      await trx.insertInto("telepool_copy_intents").values(intent).execute();
    }
    return true;
  }
}
