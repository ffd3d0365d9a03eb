/** What is remembered of a copy beside its head, by name: JSON that only says where to go on, or what was last found. */
import type { Kysely } from "kysely";
import { isTelepoolError } from "../errors.ts";
import { inTransaction, isBusy } from "../sql/in-transaction.ts";
import type { JsonValue } from "../store/json.ts";
import type { SyncTables } from "./change-tables.ts";

/** Notes by name. Names are ours, in lower case. */
export class CopyNotes {
  readonly #db: Kysely<SyncTables>;

  constructor(db: Kysely<SyncTables>) {
    this.#db = db;
  }

  /** What is noted under a name, if anything. */
  async get(name: string): Promise<JsonValue | undefined> {
    const row = await this.#db
      .selectFrom("telepool_copy_notes")
      .select("value")
      .where("name", "=", name)
      .executeTakeFirst();
    return row === undefined ? undefined : (JSON.parse(row.value) as JsonValue); // what `set` wrote
  }

  /** All that is noted under names with a common beginning, in the order of the names. */
  async all(prefix: string): Promise<JsonValue[]> {
    const rows = await this.#db
      .selectFrom("telepool_copy_notes")
      .select("value")
      .where("name", ">=", prefix)
      .where("name", "<", `${prefix}\u{10ffff}`)
      .orderBy("name")
      .execute();
    return rows.map(({ value }) => JSON.parse(value) as JsonValue); // what `set` wrote
  }

  async set(name: string, value: JsonValue): Promise<void> {
    // Another process may set the same name at the same time, which then is there to be changed.
    const mayPass = (error: unknown): boolean => isBusy(error) || isTelepoolError(error, "CONSTRAINT_VIOLATED");
    await inTransaction(this.#db, (trx) => setIn(trx, name, JSON.stringify(value)), { mayPass });
  }

  /** Forgets a name, and with `prefix` all names that begin with it. */
  async forget(name: string, how: "name" | "prefix" = "name"): Promise<void> {
    const query = this.#db.deleteFrom("telepool_copy_notes");
    const matching =
      how === "name"
        ? query.where("name", "=", name)
        : query.where("name", ">=", name).where("name", "<", `${name}\u{10ffff}`);
    await matching.execute();
  }
}

async function setIn(trx: Kysely<SyncTables>, name: string, value: string): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable("telepool_copy_notes")
    .set({ value })
    .where("name", "=", name)
    .executeTakeFirst();
  if (Number(numUpdatedRows) === 0) await trx.insertInto("telepool_copy_notes").values({ name, value }).execute();
}
