/**
 * Pruning: the oldest rows go, by age, by number or by size, in short transactions between which writers get their turn.
 * A session's `profile_count` goes down with its profiles, and a session without profiles goes with the last of them.
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { byCodePoints } from "../by-code-points.ts";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { abortedError } from "../errors.ts";
import { inTransaction } from "../sql/in-transaction.ts";
import { type PrunedTable, type PruneRequest, type PruneResult, parsePruneRequest } from "./prune-request.ts";
import { rowBytes, storedBytes } from "./row-bytes.ts";
import type { TelemetryTables } from "./tables.ts";

/** The tools that pruning works with: `read` for what is quick, `scan` for what counts a whole table. */
export interface PruneTools {
  readonly read: Kysely<TelemetryTables>;
  readonly scan: Kysely<TelemetryTables>;
  readonly dialect: SqlDialect;
  readonly nowMs: number;
}

/** A time after all others. There is always a bound, so that SQLite walks along the index (see newest-first.ts). */
const NO_BOUND = Number.MAX_SAFE_INTEGER + 1;

/** Rows in one transaction: few enough that a writer waits only milliseconds. */
const STEP_ROWS = 500;

/** Removes what the request does not keep. */
export async function prune(tools: PruneTools, request: PruneRequest): Promise<PruneResult> {
  const { before, maxRows, maxBytes, tables } = parsePruneRequest(request, tools.nowMs);
  const run = new PruneRun(tools, tables, request);
  if (before !== undefined) await run.byAge(before);
  if (maxRows !== undefined) await run.byRows(maxRows);
  if (maxBytes !== undefined) await run.byBytes(maxBytes);
  await run.reclaim();
  return run.removed;
}

class PruneRun {
  readonly #tools: PruneTools;
  readonly #request: PruneRequest;
  /** The tables from which rows are removed. */
  readonly #tables: readonly PrunedTable[];
  #removed = { profiles: 0, events: 0, sessions: 0 };
  /** What the removed rows took, where the database does not say how much is used. */
  #removedBytes = 0;

  constructor(tools: PruneTools, tables: readonly PrunedTable[], request: PruneRequest) {
    this.#tools = tools;
    this.#tables = tables;
    this.#request = request;
  }

  get removed(): PruneResult {
    return { ...this.#removed };
  }

  async byAge(before: number): Promise<void> {
    for (const table of this.#tables) while ((await this.#remove(table, STEP_ROWS, before)) > 0);
  }

  async byRows(maxRows: number): Promise<void> {
    for (const table of this.#tables) {
      for (let excess = (await this.#count(table)) - maxRows; excess > 0; ) {
        const removed = await this.#remove(table, Math.min(excess, STEP_ROWS));
        if (removed === 0) break;
        excess -= removed;
      }
    }
  }

  /** The older of the tables' heads goes first, so that profiles and events end at about the same time. */
  async byBytes(maxBytes: number): Promise<void> {
    const used = await this.#sizeMeter();
    while ((await used()) > maxBytes) {
      const heads = await Promise.all(this.#tables.map((table) => this.#head(table)));
      const [oldest] = heads.filter((head) => head !== undefined).sort((a, b) => a.timestamp - b.timestamp);
      if (oldest === undefined || (await this.#remove(oldest.table, STEP_ROWS)) === 0) return;
    }
  }

  /**
   * Says how much is used now. Where the database does not know before it has cleaned up, the rows are measured once, and
   * what is removed is subtracted.
   */
  async #sizeMeter(): Promise<() => Promise<number>> {
    const { scan, dialect } = this.#tools;
    const { usedBytes } = dialect;
    if (usedBytes !== undefined) return () => this.#bytes(usedBytes);
    const before = (await storedBytes(scan, dialect)) + this.#removedBytes;
    return async () => before - this.#removedBytes;
  }

  /** Gives freed storage back to the file system, where the database leaves that to us. */
  async reclaim(): Promise<void> {
    const reclaim = this.#tools.dialect.reclaim;
    if (reclaim === undefined) return;
    for (let free = await this.#bytes(reclaim.freeBytes); free > 0; ) {
      await this.#pause();
      await reclaim.step.execute(this.#tools.read);
      const left = await this.#bytes(reclaim.freeBytes);
      if (left >= free) return;
      free = left;
    }
  }

  /** Removes the oldest rows of a table, at most `limit` and only such from before `before`; gives back how many. */
  async #remove(table: PrunedTable, limit: number, before: number = NO_BOUND): Promise<number> {
    await this.#pause();
    return await (table === "profiles" ? this.#removeProfiles(limit, before) : this.#removeEvents(limit, before));
  }

  async #removeProfiles(limit: number, before: number): Promise<number> {
    const step = await this.#step(async (trx) => {
      let oldest = trx
        .selectFrom("profiles")
        .select(["id", "session", rowBytes("profiles", this.#tools.dialect).as("bytes")])
        .orderBy("timestamp")
        .orderBy("id")
        .limit(limit);
      oldest = oldest.where("timestamp", "<", before);
      if (this.#tools.dialect.rowLocks) oldest = oldest.forUpdate();
      const rows = await oldest.execute();
      if (rows.length === 0) return { profiles: 0, sessions: 0, bytes: 0 };
      await trx
        .deleteFrom("profiles")
        .where(
          "id",
          "in",
          rows.map((row) => row.id),
        )
        .execute();
      return { profiles: rows.length, sessions: await takeFromSessions(trx, rows), bytes: sumOf(rows) };
    });
    this.#removedBytes += step.bytes;
    this.#removed.profiles += step.profiles;
    this.#removed.sessions += step.sessions;
    if (step.profiles > 0) this.#request.onProgress?.(this.removed);
    return step.profiles;
  }

  async #removeEvents(limit: number, before: number): Promise<number> {
    const step = await this.#step(async (trx) => {
      let oldest = trx
        .selectFrom("analytics")
        .select(["id", rowBytes("analytics", this.#tools.dialect).as("bytes")])
        .orderBy("timestamp")
        .orderBy("id")
        .limit(limit);
      oldest = oldest.where("timestamp", "<", before);
      if (this.#tools.dialect.rowLocks) oldest = oldest.forUpdate();
      const rows = await oldest.execute();
      const ids = rows.map((row) => row.id);
      if (ids.length > 0) await trx.deleteFrom("analytics").where("id", "in", ids).execute();
      return { events: ids.length, bytes: sumOf(rows) };
    });
    this.#removedBytes += step.bytes;
    this.#removed.events += step.events;
    if (step.events > 0) this.#request.onProgress?.(this.removed);
    return step.events;
  }

  /** One transaction, again when concurrent writers were in its way. */
  async #step<T>(work: (trx: Transaction<TelemetryTables>) => Promise<T>): Promise<T> {
    return await inTransaction(this.#tools.read, work, { between: () => this.#pause() });
  }

  async #count(table: PrunedTable): Promise<number> {
    const row = await this.#tools.scan
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    return Number(row.rows);
  }

  /** The oldest time in a table, if it has rows. */
  async #head(table: PrunedTable): Promise<{ table: PrunedTable; timestamp: number } | undefined> {
    const row = await this.#tools.read
      .selectFrom(table)
      .select("timestamp")
      .orderBy("timestamp")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : { table, timestamp: row.timestamp };
  }

  async #bytes(query: RawBuilder<{ bytes: number }>): Promise<number> {
    const { rows } = await query.execute(this.#tools.read);
    return Number(rows[0]?.bytes ?? 0);
  }

  /** Lets the event loop turn, and ends the run when its caller has given up. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { signal } = this.#request;
    if (signal?.aborted) throw abortedError(signal, "pruning");
  }
}

/**
 * Lowers the counts of the sessions that lost profiles, in the order of their ids; removes those that have none left, unless
 * they are to be kept. Gives back how many were removed.
 */
export async function takeFromSessions(
  trx: Kysely<TelemetryTables>,
  rows: readonly { readonly session: string }[],
  empty: "remove" | "keep" = "remove",
): Promise<number> {
  const lost = new Map<string, number>();
  for (const { session } of rows) lost.set(session, (lost.get(session) ?? 0) + 1);
  const sessions = [...lost.keys()].sort(byCodePoints); // the order in which batches lock them
  for (const session of sessions) {
    await trx
      .updateTable("sessions")
      .set({ profile_count: sql`profile_count - ${lost.get(session) ?? 0}` })
      .where("id", "=", session)
      .execute();
  }
  if (empty === "keep") return 0;
  const removed = await trx
    .deleteFrom("sessions")
    .where("id", "in", sessions)
    .where("profile_count", "<=", 0)
    .executeTakeFirst();
  return Number(removed.numDeletedRows);
}

function sumOf(rows: readonly { readonly bytes: number }[]): number {
  return rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
}
