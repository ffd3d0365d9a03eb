/** The caller's own tables and statements, over the store's connections. */
import assert from "node:assert/strict";
import type { Kysely } from "kysely";
import type { TelemetryTables } from "../../store/tables.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { failureOf, rejectsWith } from "./expectations.ts";
import { sampleInput } from "./sample-rows.ts";

interface OwnTables extends TelemetryTables {
  notes: { id: string; text: string; stars: number };
}

async function withNotes(store: TelemetryPool): Promise<Kysely<OwnTables>> {
  const db = await store.kysely<OwnTables>();
  await db.schema
    .createTable("notes")
    .addColumn("id", "varchar(50)", (column) => column.primaryKey().notNull())
    .addColumn("text", "varchar(200)", (column) => column.notNull())
    .addColumn("stars", "integer", (column) => column.notNull())
    .execute();
  return db;
}

const note = (id: string, stars = 0) => ({ id, text: `note ${id}`, stars });

async function ids(db: Kysely<OwnTables>): Promise<string[]> {
  return (await db.selectFrom("notes").select("id").orderBy("id").execute()).map(({ id }) => id);
}

export const kyselyCases: readonly ConformanceCase[] = casesOf("kysely", {
  "a caller's own table is made, filled, changed, read and emptied": async ({ newStore }) => {
    const db = await withNotes(newStore());
    const inserted = await db
      .insertInto("notes")
      .values([note("a"), note("b"), note("c")])
      .executeTakeFirst();
    assert.equal(inserted.numInsertedOrUpdatedRows, 3n);
    const updated = await db.updateTable("notes").set({ stars: 5 }).where("id", ">", "a").executeTakeFirst();
    assert.equal(updated.numUpdatedRows, 2n);
    assert.deepEqual(await db.selectFrom("notes").selectAll().where("id", "=", "b").execute(), [note("b", 5)]);
    const deleted = await db.deleteFrom("notes").where("stars", "=", 5).executeTakeFirst();
    assert.equal(deleted.numDeletedRows, 2n);
    assert.deepEqual(await ids(db), ["a"]);
  },

  "values are parameters, never SQL": async ({ newStore }) => {
    const db = await withNotes(newStore());
    const text = "x'); drop table notes; -- ? $1 :a";
    await db
      .insertInto("notes")
      .values({ ...note("a"), text })
      .execute();
    assert.deepEqual(await db.selectFrom("notes").select("text").where("text", "=", text).execute(), [{ text }]);
  },

  "telepool's own tables can be read and joined": async ({ newStore }) => {
    const store = newStore();
    const db = await withNotes(store);
    await store.addProfile(sampleInput(1));
    await db.insertInto("notes").values(note("profile-000001", 4)).execute();
    const rows = await db
      .selectFrom("profiles")
      .innerJoin("notes", "notes.id", "profiles.id")
      .select(["profiles.member", "profiles.timestamp", "notes.stars"])
      .execute();
    assert.deepEqual(rows, [{ member: "nolarose", timestamp: sampleInput(1).timestamp, stars: 4 }]);
  },

  "a transaction is stored when it ends, and not when it fails": async ({ newStore }) => {
    const db = await withNotes(newStore());
    await db.transaction().execute(async (trx) => {
      await trx.insertInto("notes").values(note("a")).execute();
      assert.deepEqual(await ids(trx), ["a"], "it sees its own rows");
      await trx.insertInto("notes").values(note("b")).execute();
    });
    const failure = new Error("the caller's own");
    const thrown = await failureOf(() =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto("notes").values(note("c")).execute();
        throw failure;
      }),
    );
    assert.equal(thrown, failure);
    assert.deepEqual(await ids(db), ["a", "b"]);
  },

  "a failed statement in a transaction is told, and the store goes on": async ({ newStore }) => {
    const store = newStore();
    const db = await withNotes(store);
    await db.insertInto("notes").values(note("a")).execute();
    await rejectsWith("CONSTRAINT_VIOLATED", () =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto("notes").values(note("b")).execute();
        await trx.insertInto("notes").values(note("a")).execute();
      }),
    );
    assert.deepEqual(await ids(db), ["a"]);
    await store.addProfile(sampleInput(1));
    await store.close();
  },

  "a savepoint takes back a part of a transaction": async ({ newStore }) => {
    const db = await withNotes(newStore());
    const trx = await db.startTransaction().execute();
    await trx.insertInto("notes").values(note("a")).execute();
    const inner = await trx.savepoint("before_b").execute();
    await inner.insertInto("notes").values(note("b")).execute();
    const outer = await inner.rollbackToSavepoint("before_b").execute();
    await outer.insertInto("notes").values(note("c")).execute();
    await outer.commit().execute();
    assert.deepEqual(await ids(db), ["a", "c"]);
  },

  "transactions that run at the same time do not mix": async ({ newStore }) => {
    const store = newStore();
    const db = await withNotes(store);
    const work = Array.from({ length: 10 }, async (_, n) => {
      const running = db.transaction().execute(async (trx) => {
        await trx
          .insertInto("notes")
          .values(note(`${n}-1`))
          .execute();
        await trx
          .insertInto("notes")
          .values(note(`${n}-2`))
          .execute();
        if (n % 2 === 1) throw new Error("taken back");
      });
      await running.catch(() => undefined);
    });
    const inserts = Array.from({ length: 10 }, (_, n) => store.addProfile(sampleInput(n)));
    await Promise.all([...work, ...inserts]);
    assert.deepEqual(
      await ids(db),
      [0, 2, 4, 6, 8].flatMap((n) => [`${n}-1`, `${n}-2`]),
    );
    assert.equal((await store.getSession("session-1"))?.profileCount, 10);
  },

  "a read goes beside an open transaction": async ({ newStore }) => {
    const store = newStore({ pool: { max: 4, acquireTimeoutMs: 1000 } });
    const db = await withNotes(store);
    await db.transaction().execute(async (trx) => {
      await trx.insertInto("notes").values(note("a")).execute();
      assert.deepEqual(await ids(db), [], "nobody else sees it yet");
      assert.deepEqual((await store.queryProfiles()).items, []);
    });
    assert.deepEqual(await ids(db), ["a"]);
  },
});
