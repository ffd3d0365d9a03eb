/**
 * One connection to MySQL or MariaDB. Whether a transaction is open is what the server said last.
 *
 * All statements are prepared, so that values stand beside the SQL; what cannot be prepared has no values. A connection
 * that is lost while a commit is under way leaves an unknown outcome.
 */
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
import { inOrderOfIds, Lifeline } from "@telepool/core/remote";
import {
  type BulkStatement,
  compoundValues,
  INSERT_PROFILE_COMPOUND,
  insertEvents,
  insertProfiles,
  upsertSessions,
} from "./bulk-insert.ts";
import { isConnectionLoss, withoutValues } from "./mysql-errors.ts";
import { isOk, type MysqlAnswer, type MysqlClient } from "./native.ts";
import { toBinding } from "./to-binding.ts";

const READ_PROFILES = "select id, session, profile, timestamp, member, document from profiles where id in";

/** The server's own number for a statement that cannot be prepared. */
const ER_UNSUPPORTED_PS = 1295;
/** The server's own number for a deadlock, after which it has rolled back the whole transaction. */
const ER_LOCK_DEADLOCK = 1213;
/** In the status that comes with an answer: a transaction is open. */
const STATUS_IN_TRANSACTION = 1;
/** How often known rows are looked up again, because another writer stored one of the others meanwhile. */
const INSERT_ATTEMPTS = 20;

/** What is known of a connection when it is there. */
export interface MysqlConnectionSettings {
  /** In milliseconds, or `Infinity`. */
  readonly queryTimeoutMs: number;
  /** The largest packet that the server takes. */
  readonly packetBytes: number;
  readonly isMariaDb: boolean;
  /** Ends the socket at once. */
  readonly destroy: () => void;
  /** Whether the socket is closed. */
  readonly isClosed: () => boolean;
}

type Row = { readonly id: string };

/** Takes back what a write has done so far, to do it in another way. */
type Undo = () => Promise<void>;

/** How the rows of one table are inserted. */
interface Insertion<R extends Row> {
  readonly table: "profiles" | "analytics";
  readonly statements: (rows: readonly R[], packetBytes: number) => Iterable<BulkStatement>;
}

const PROFILES: Insertion<ProfileRow> = { table: "profiles", statements: insertProfiles };
const EVENTS: Insertion<EventRow> = { table: "analytics", statements: insertEvents };

/** One open connection. */
export class MysqlConnection implements DriverConnection {
  readonly #client: MysqlClient;
  readonly #settings: MysqlConnectionSettings;
  readonly #lifeline: Lifeline;
  #inTransaction = false;
  /** Whether the server has rolled the open transaction back by itself: whatever comes next would commit by itself. */
  #hasFailed = false;

  constructor(client: MysqlClient, settings: MysqlConnectionSettings) {
    this.#client = client;
    this.#settings = settings;
    const { queryTimeoutMs, destroy } = settings;
    this.#lifeline = new Lifeline({ queryTimeoutMs, destroy, isLoss: isConnectionLoss, cleaned: withoutValues });
  }

  async execute({ sql, parameters }: SqlStatement): Promise<StatementResult> {
    this.#refuseInFailedTransaction();
    const answer = await this.#prepared(sql, parameters.map(toBinding));
    if (!isOk(answer)) return { rows: [...answer] };
    // The server counts rows that an update has changed; all others count those that it has found.
    const matched = /^Rows matched: (\d+)/.exec(answer.info)?.[1];
    return { rows: [], affectedRows: BigInt(matched ?? answer.affectedRows) };
  }

  async begin(): Promise<void> {
    await this.#text("start transaction");
  }

  async commit(): Promise<void> {
    this.#refuseInFailedTransaction();
    await this.#committing(() => this.#text("commit"));
  }

  async rollback(): Promise<void> {
    // A connection that is lost takes its transaction with it.
    if (this.#inTransaction && !this.isBroken()) await this.#text("rollback");
    this.#hasFailed = false;
  }

  async writeProfiles(rows: readonly ProfileRow[]): Promise<WriteReport> {
    const [first] = rows;
    if (rows.length === 1 && first !== undefined && this.#settings.isMariaDb && !this.#inTransaction) {
      return await this.#writeAlone(first);
    }
    return await this.#atomically(async (undo) => {
      const stored = await this.#insertNew(rows, PROFILES, undo);
      for (const { sql, values } of upsertSessions(stored, this.#settings.packetBytes))
        await this.#prepared(sql, values);
      return reportOf(rows, stored);
    });
  }

  async writeEvents(rows: readonly EventRow[]): Promise<WriteReport> {
    return await this.#atomically(async (undo) => reportOf(rows, await this.#insertNew(rows, EVENTS, undo)));
  }

  async readProfiles(ids: readonly string[]): Promise<(ProfileRow | undefined)[]> {
    const rows = await this.#selectByIds(READ_PROFILES, "", ids);
    const byId = new Map((rows as unknown as ProfileRow[]).map((row) => [row.id, row])); // the columns are ProfileRow's
    return ids.map((id) => byId.get(id));
  }

  async ping(): Promise<void> {
    await this.#text("do 1");
  }

  reset(): MaybePromise<void> {
    // Without a promise where there is nothing to undo: the pool lends the connection at once.
    return this.#inTransaction ? this.rollback() : undefined;
  }

  isBroken(): boolean {
    if (this.#settings.isClosed()) this.#lifeline.markLost();
    return this.#lifeline.isLost;
  }

  async close(): Promise<void> {
    await this.#lifeline.close(() => this.#client.end());
  }

  /** One profile in one round trip. */
  async #writeAlone(row: ProfileRow): Promise<WriteReport> {
    for (const _ of insertProfiles([row], this.#settings.packetBytes)); // refuses what is too large
    const answer = await this.#committing(() => this.#prepared(INSERT_PROFILE_COMPOUND, compoundValues(row)));
    return { duplicates: isOk(answer) && answer.affectedRows === 0 ? [0] : [] };
  }

  /**
   * Inserts the rows whose ids are new, and gives them back. In most batches all are: that shows in the count. Else the
   * rows that were there are looked up and locked, and only the others are inserted.
   */
  async #insertNew<R extends Row>(rows: readonly R[], insertion: Insertion<R>, undo: Undo): Promise<readonly R[]> {
    if ((await this.#insert(rows, insertion)) === rows.length) return rows;
    for (let attempt = 0; attempt < INSERT_ATTEMPTS; attempt++) {
      await undo();
      const lookUp = `select id from ${insertion.table} where id in`;
      const known = new Set(
        (
          await this.#selectByIds(
            lookUp,
            "for update",
            rows.map(({ id }) => id),
          )
        ).map(({ id }) => id),
      );
      const fresh = rows.filter(({ id }) => !known.has(id) && known.add(id));
      if (fresh.length === 0 || (await this.#insert(fresh, insertion)) === fresh.length) return fresh;
    }
    throw new TelepoolError("DATABASE_BUSY", "other writers kept storing rows with the same ids");
  }

  /** How many rows were new. */
  async #insert<R extends Row>(rows: readonly R[], { statements }: Insertion<R>): Promise<number> {
    let inserted = 0;
    for (const { sql, values } of statements(inOrderOfIds(rows), this.#settings.packetBytes)) {
      const answer = await this.#prepared(sql, values);
      if (isOk(answer)) inserted += answer.affectedRows;
    }
    return inserted;
  }

  /** Rows by their ids, for whose number there are a few prepared statements: places that are left over repeat an id. */
  async #selectByIds(select: string, end: string, ids: readonly string[]): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (let start = 0; start < ids.length; start += 1024) {
      const piece: unknown[] = ids.slice(start, start + 1024);
      const places = 2 ** Math.ceil(Math.log2(piece.length));
      while (piece.length < places) piece.push(piece[0]);
      const answer = await this.#prepared(`${select} (${piece.map(() => "?").join(", ")}) ${end}`, piece);
      if (!isOk(answer)) found.push(...answer);
    }
    return found;
  }

  /** Runs work that is stored whole or not at all: in a transaction of its own, or as a part of the one that is open. */
  async #atomically<T>(work: (undo: Undo) => Promise<T>): Promise<T> {
    if (this.#inTransaction) return await this.#joined(work);
    await this.begin();
    try {
      const result = await work(async () => {
        await this.#text("rollback");
        await this.begin();
      });
      await this.commit();
      return result;
    } catch (error) {
      await this.#quietly(() => this.rollback());
      throw error;
    }
  }

  /** The same as a part of the transaction that is open: what fails is taken back, and the transaction goes on. */
  async #joined<T>(work: (undo: Undo) => Promise<T>): Promise<T> {
    this.#refuseInFailedTransaction();
    await this.#text("savepoint telepool_write");
    const undo = async () => {
      await this.#text("rollback to savepoint telepool_write");
    };
    try {
      return await work(undo);
    } catch (error) {
      if (!this.#hasFailed) await this.#quietly(undo);
      throw error;
    }
  }

  /** After an error, which is the one to tell; a connection that cannot undo is not used again. */
  async #quietly(undo: Undo): Promise<void> {
    try {
      if (!this.isBroken()) await undo();
    } catch {
      this.#lifeline.markLost();
    }
  }

  /** @throws TelepoolError `DATABASE_BUSY` */
  #refuseInFailedTransaction(): void {
    if (!this.#hasFailed) return;
    throw new TelepoolError("DATABASE_BUSY", "the transaction met a deadlock and was rolled back; do all of it again");
  }

  #committing<T>(commit: () => Promise<T>): Promise<T> {
    this.isBroken(); // looks at the socket, of which nobody else tells
    return this.#lifeline.committing(commit);
  }

  async #prepared(sql: string, values: readonly unknown[]): Promise<MysqlAnswer> {
    try {
      return await this.#answer(this.#client.execute(sql, values));
    } catch (error) {
      const { errno } = (error ?? {}) as { errno?: unknown }; // only looked at
      if (errno !== ER_UNSUPPORTED_PS || values.length > 0) throw error;
      return await this.#text(sql);
    }
  }

  #text(sql: string): Promise<MysqlAnswer> {
    return this.#answer(this.#client.query(sql));
  }

  async #answer(answering: Promise<MysqlAnswer>): Promise<MysqlAnswer> {
    const answer = await this.#lifeline.watch(answering).catch((error: unknown) => {
      const { errno } = (error ?? {}) as { errno?: unknown }; // only looked at
      if (errno === ER_LOCK_DEADLOCK && this.#inTransaction) this.#hasFailed = true;
      throw error;
    });
    if (isOk(answer)) this.#inTransaction = (answer.serverStatus & STATUS_IN_TRANSACTION) !== 0;
    return answer;
  }
}

/** The rows that are not among those that were stored, by their positions. */
function reportOf<R extends Row>(rows: readonly R[], stored: readonly R[]): WriteReport {
  if (stored.length === rows.length) return { duplicates: [] };
  const fresh = new Set(stored);
  return { duplicates: rows.flatMap((row, position) => (fresh.has(row) ? [] : [position])) };
}
