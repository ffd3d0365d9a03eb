/**
 * What has changed and is not copied yet, read from where the triggers noted it.
 *
 * A change is visible here exactly when its transaction has committed, and it goes only after an object with the state of
 * its row, read after the change was seen, was stored. Nothing depends on the order in which numbers were given or
 * transactions committed (docs/decisions/0014-copy.md has the argument for each database).
 */
import type { Kysely } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { JSON_COLUMN, type RawRow, rowsByIds, type TableName } from "../store/raw-rows.ts";
import type { TelemetryTables } from "../store/tables.ts";
import { CHANGE_KINDS, createChangeTables, dropChangeTables, type SyncTables } from "./change-tables.ts";

/** A change that is not copied yet. */
export interface Change {
  readonly seq: number;
  readonly table: TableName;
  readonly id: string;
  /** About how many bytes its row has. */
  readonly bytes: number;
}

/** Where a page of changes begins, and how much may be on it. */
export interface ChangesRequest {
  /** The number before the first; all numbers if absent. */
  readonly after?: number | undefined;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** A page of changes, with the rows that they are about as these are now. */
export interface ChangePage {
  readonly changes: readonly Change[];
  readonly profiles: readonly RawRow<"profiles">[];
  readonly events: readonly RawRow<"analytics">[];
}

const TABLES: ReadonlyMap<number, TableName> = new Map(
  Object.entries(CHANGE_KINDS).map(([table, kind]) => [kind, table as TableName]), // its keys are the tables
);
/** What a row has beside its JSON: an estimate. */
const ROW_BYTES = 200;
/** Ids in one query. */
const QUERY_IDS = 500;
/** Changes that are counted one by one; beyond, "more than" is enough. */
const MAX_COUNTED = 10_000_000;

/** Reads changes. */
export class ChangeFeed {
  readonly #db: Kysely<SyncTables>;
  readonly #dialect: SqlDialect;

  /** @param db reads all that is committed, and writes */
  constructor(db: Kysely<SyncTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /**
   * Has the database note changes from now on, if it does not yet. What was written before is not among the changes; every
   * transaction that was writing has ended when this resolves.
   *
   * @throws TelepoolError `NOT_SUPPORTED`, `PERMISSION_DENIED`, `READ_ONLY`
   */
  async install(): Promise<void> {
    await createChangeTables(this.#db, this.#dialect);
  }

  /** Ends that changes are noted, and forgets those that are, and the copy. */
  async remove(): Promise<void> {
    await dropChangeTables(this.#db, this.#dialect);
  }

  /** How many changes are not copied. */
  async count(): Promise<number> {
    const few = this.#db.selectFrom("telepool_changes").select("seq").limit(MAX_COUNTED).as("few");
    const counted = await this.#db
      .selectFrom(few)
      .select(({ fn }) => fn.countAll<number>().as("changes"))
      .executeTakeFirstOrThrow();
    return Number(counted.changes);
  }

  /** The next changes with the rows that they are about; no change when there is none. */
  async page({ after, maxRows, maxBytes }: ChangesRequest): Promise<ChangePage> {
    const changes = withinBytes(await this.#changes(after, maxRows), maxBytes);
    const idsIn = (table: TableName): readonly string[] => [
      ...new Set(changes.filter((change) => change.table === table).map(({ id }) => id)),
    ];
    // By ids, not by a join: should another process forget the changes meanwhile, their rows would seem to be gone.
    return {
      changes,
      profiles: await this.#rows("profiles", idsIn("profiles")),
      events: await this.#rows("analytics", idsIn("analytics")),
    };
  }

  /** The sessions with these ids, as they are now. */
  async sessions(ids: readonly string[]): Promise<RawRow<"sessions">[]> {
    return await this.#rows("sessions", ids);
  }

  get #telemetry(): Kysely<TelemetryTables> {
    return this.#db as unknown as Kysely<TelemetryTables>; // has these tables, and more
  }

  async #changes(after: number | undefined, limit: number): Promise<Change[]> {
    const rows = await this.#db
      .selectFrom("telepool_changes")
      .select(["seq", "kind", "id", "bytes"])
      .where("seq", ">", after ?? -1)
      .orderBy("seq")
      .limit(limit)
      .execute();
    const unweighed = rows.filter(({ bytes }) => bytes === null);
    const weights = {
      profiles: await this.#weights("profiles", unweighed),
      analytics: await this.#weights("analytics", unweighed),
      sessions: new Map<string, number>(),
    };
    return rows.map(({ seq, kind, id, bytes }) => {
      const table = TABLES.get(Number(kind));
      if (table === undefined) throw unknownKind();
      return { seq: Number(seq), table, id, bytes: Number(bytes ?? weights[table].get(id) ?? 0) + ROW_BYTES };
    });
  }

  /** How long the JSON is of those rows of a table that were noted without it. */
  async #weights(
    table: "profiles" | "analytics",
    noted: readonly { readonly kind: number; readonly id: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    const ids = noted.filter(({ kind }) => Number(kind) === CHANGE_KINDS[table]).map(({ id }) => id);
    const weights = new Map<string, number>();
    const bytes = this.#dialect.jsonBytes(JSON_COLUMN[table]);
    for (let start = 0; start < ids.length; start += QUERY_IDS) {
      const query = this.#telemetry.selectFrom(table).select(["id", bytes.as("bytes")]);
      const rows = await query.where("id", "in", ids.slice(start, start + QUERY_IDS)).execute();
      for (const row of rows) weights.set(row.id, Number(row.bytes));
    }
    return weights;
  }

  /** The rows with these ids, each once; an id without a row is left out. */
  async #rows<T extends TableName>(table: T, ids: readonly string[]): Promise<RawRow<T>[]> {
    const found: RawRow<T>[] = [];
    for (let start = 0; start < ids.length; start += QUERY_IDS) {
      found.push(...(await rowsByIds(this.#telemetry, table, ids.slice(start, start + QUERY_IDS))));
    }
    return found;
  }
}

/** As many of the changes as fit, and at least one. */
function withinBytes(changes: readonly Change[], maxBytes: number): readonly Change[] {
  let bytes = 0;
  const end = changes.findIndex((change, position) => {
    bytes += change.bytes;
    return bytes > maxBytes && position > 0;
  });
  return end === -1 ? changes : changes.slice(0, end);
}

function unknownKind(): TelepoolError {
  return new TelepoolError("NOT_SUPPORTED", "the database notes changes that this telepool does not know; upgrade it");
}
