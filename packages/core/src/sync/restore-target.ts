/**
 * A store that is restored into: rows are put there as they were, those that are to go are deleted, and sessions get their
 * member and times. Doing the same again changes nothing, so a restore that broke off goes on with the piece it was at.
 */
import type { Kysely } from "kysely";
import type { Driver } from "../driver/driver.ts";
import { TelepoolError } from "../errors.ts";
import { pieces } from "../manager/pieces.ts";
import { inTransaction } from "../sql/in-transaction.ts";
import { prune, takeFromSessions } from "../store/prune.ts";
import { idsAmong, type RawRow, rowsByIds } from "../store/raw-rows.ts";
import { differingColumns } from "../store/row-differences.ts";
import { EVENT_ROWS, PROFILE_ROWS, type RowKind, type RowTable } from "../store/row-kind.ts";
import type { TelemetryTables } from "../store/tables.ts";
import type { TelemetryRepository } from "../store/telemetry-repository.ts";
import { createNotes, type SyncTables } from "./change-tables.ts";
import { CopyNotes } from "./copy-notes.ts";

/** What a session is told to be; its count follows from its profiles. */
export type SessionState = Omit<RawRow<"sessions">, "profile_count">;

/** Ids in one statement. */
const QUERY_IDS = 500;

/** What a target is made of. */
export interface RestoreTargetDeps {
  readonly driver: Driver;
  readonly repository: TelemetryRepository;
  readonly nowMs: () => number;
}

/** The store that a restore writes. */
export class RestoreTarget {
  readonly notes: CopyNotes;
  readonly #deps: RestoreTargetDeps;
  readonly #db: Kysely<TelemetryTables>;

  constructor(deps: RestoreTargetDeps) {
    this.#deps = deps;
    this.#db = deps.repository.exactNow();
    this.notes = new CopyNotes(deps.repository.exactNow<SyncTables>());
  }

  /** Where the data is, without secrets. */
  get location(): string {
    return this.#deps.driver.location;
  }

  /** Makes the table in which a restore keeps how far it is. */
  async prepare(): Promise<void> {
    await createNotes(this.#deps.repository.exactNow<SyncTables>(), this.#deps.driver.dialect);
  }

  /** Whether the store holds no row. */
  async isEmpty(): Promise<boolean> {
    for (const table of ["profiles", "analytics", "sessions"] as const) {
      const row = await this.#db.selectFrom(table).select("id").limit(1).executeTakeFirst();
      if (row !== undefined) return false;
    }
    return true;
  }

  /** Removes all rows. The database is no longer the source of a copy: what comes into it now is another state. */
  async empty(): Promise<void> {
    for (const table of ["telepool_copy", "telepool_copy_intents"])
      await this.#db.schema.dropTable(table).ifExists().execute();
    const { repository, driver, nowMs } = this.#deps;
    const tools = { read: this.#db, scan: repository.exact, dialect: driver.dialect, nowMs: nowMs() };
    await prune(tools, { maxRows: 0 });
    await this.#db.deleteFrom("sessions").execute();
  }

  /** Puts profiles there, in the place of others with their ids. */
  async putProfiles(rows: readonly RawRow<"profiles">[]): Promise<void> {
    await this.#put(PROFILE_ROWS, rows, (ids) => this.deleteProfiles(ids));
  }

  /** Puts events there, in the place of others with their ids. */
  async putEvents(rows: readonly RawRow<"analytics">[]): Promise<void> {
    await this.#put(EVENT_ROWS, rows, (ids) => this.deleteEvents(ids));
  }

  /** Makes sessions that are not there, without profiles, so that those that follow find member and times. */
  async addSessions(states: readonly SessionState[]): Promise<void> {
    for (const piece of pieces(states, () => 0)) {
      const ids = piece.map(({ id }) => id);
      const known = await idsAmong(this.#db, "sessions", ids);
      const missing = piece.filter(({ id }) => !known.has(id)).map((state) => ({ ...state, profile_count: 0 }));
      if (missing.length > 0) await this.#db.insertInto("sessions").values(missing).execute();
    }
  }

  /** Gives sessions that are there their member and times, and removes those of `gone` that have no profiles. */
  async setSessions(states: readonly SessionState[], gone: readonly string[]): Promise<void> {
    for (const piece of pieces(states, () => 0)) {
      const rows = await rowsByIds(
        this.#db,
        "sessions",
        piece.map(({ id }) => id),
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const { id, ...state } of piece) {
        const row = found.get(id);
        if (row === undefined || isSameSession(row, state)) continue;
        await this.#db.updateTable("sessions").set(state).where("id", "=", id).execute();
      }
    }
    for (const ids of slices(gone)) {
      await this.#db.deleteFrom("sessions").where("id", "in", ids).where("profile_count", "<=", 0).execute();
    }
  }

  /** Deletes those of the profiles that are there; their sessions count them no more. */
  async deleteProfiles(ids: readonly string[]): Promise<void> {
    for (const slice of slices(ids)) {
      await inTransaction(this.#db, async (trx) => {
        let found = trx.selectFrom("profiles").select(["id", "session"]).where("id", "in", slice);
        if (this.#deps.driver.dialect.rowLocks) found = found.forUpdate();
        const rows = await found.execute();
        if (rows.length === 0) return;
        await trx.deleteFrom("profiles").where("id", "in", slice).execute();
        await takeFromSessions(trx, rows, "keep");
      });
    }
  }

  /** Deletes those of the events that are there. */
  async deleteEvents(ids: readonly string[]): Promise<void> {
    for (const slice of slices(ids)) await this.#db.deleteFrom("analytics").where("id", "in", slice).execute();
  }

  /**
   * Has the database look through its own file, where it can.
   *
   * @throws TelepoolError `DATABASE_CORRUPT`
   */
  async checkIntegrity(): Promise<void> {
    const check = this.#deps.driver.dialect.integrityCheck;
    if (check === undefined) return;
    const { rows } = await check.execute(this.#deps.repository.exact);
    const [first] = rows;
    if (rows.length === 1 && first?.finding === "ok") return;
    throw new TelepoolError("DATABASE_CORRUPT", `the database's own check found: ${first?.finding ?? "nothing"}`);
  }

  async #put<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    remove: (ids: readonly string[]) => Promise<void>,
  ): Promise<void> {
    for (const piece of pieces(rows, kind.bytesOf)) {
      const { duplicates } = await this.#deps.repository.write(kind, piece);
      const others = await this.#others(
        kind.table,
        duplicates.flatMap((position) => piece[position] ?? []),
      );
      if (others.length === 0) continue;
      await remove(others.map(({ id }) => id));
      await this.#deps.repository.write(kind, others);
    }
  }

  /** Those of the rows in whose place another one is. */
  async #others<T extends RowTable>(table: T, rows: readonly RawRow<T>[]): Promise<RawRow<T>[]> {
    const others: RawRow<T>[] = [];
    for (const slice of slices(rows)) {
      const ids = slice.map(({ id }) => id);
      const stored = new Map((await rowsByIds(this.#db, table, ids)).map((row) => [row.id, row]));
      for (const row of slice) {
        const found = stored.get(row.id);
        if (found === undefined || differingColumns(table, row, found).length > 0) others.push(row);
      }
    }
    return others;
  }
}

function isSameSession(row: RawRow<"sessions">, state: Omit<SessionState, "id">): boolean {
  return (
    row.member === state.member && row.created_at === state.created_at && row.last_activity === state.last_activity
  );
}

function* slices<T>(items: readonly T[]): Generator<T[], void, undefined> {
  for (let start = 0; start < items.length; start += QUERY_IDS) yield items.slice(start, start + QUERY_IDS);
}
