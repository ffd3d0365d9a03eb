/** The driver through PgBouncer in transaction mode, where every transaction may be another server connection's. */
import { describe, expect, test } from "bun:test";
import { TelemetryPool } from "@telepool/core";
import { pgBouncerUnavailable, postgresServer, postgresUnavailable, startPgBouncer } from "@telepool/test-servers";
import { pgDriver } from "../src/pg-driver.ts";

const reason = postgresUnavailable() ?? pgBouncerUnavailable();
const describeHere = reason === undefined ? describe : describe.skip;

describeHere(`PgBouncer${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  test("stores migrate, write, read and use transactions of their own at the same time", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await using pooler = await startPgBouncer(database.url);
    const stores = [1, 2, 3].map(
      () => new TelemetryPool({ driver: pgDriver({ url: pooler.url, preparedStatements: false }), pool: { max: 10 } }),
    );
    await Promise.all(stores.map((store) => store.open()));
    const ids = await Promise.all(
      stores.flatMap((store, n) =>
        Array.from({ length: 500 }, (_, i) => store.insertProfile(`session-${i % 9}`, { i }, `member-${n}`, "d.md")),
      ),
    );
    const [store] = stores;
    if (store === undefined) expect.unreachable();
    const found = await Promise.all(ids.map((id) => store.getProfile(id)));
    expect(found.every((profile) => profile !== undefined)).toBe(true);
    const db = await store.kysely();
    const counts = Array.from({ length: 20 }, () =>
      db.transaction().execute(async (trx) => {
        await trx.updateTable("sessions").set({ last_activity: 1 }).where("id", "=", "session-1").execute();
        return await trx.selectFrom("sessions").select("last_activity").where("id", "=", "session-1").execute();
      }),
    );
    for (const rows of await Promise.all(counts)) expect(rows).toEqual([{ last_activity: 1 }]);
    const sessions = await store.querySessions("*");
    expect(sessions.items.reduce((sum, { profileCount }) => sum + profileCount, 0)).toBe(1500);
    await Promise.all(stores.map((each) => each.close()));
  });
});
