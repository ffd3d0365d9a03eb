/** A batch is stored whole or not at all, and what is not committed is seen by nobody else. */
import assert from "node:assert/strict";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectSameRows, failureOf, rejectsWith, storedProfiles } from "./expectations.ts";
import type { OpenConnection } from "./open-resources.ts";
import {
  REFUSED,
  refusedEvent,
  refusedProfile,
  refusing,
  sampleEvent,
  sampleInput,
  sampleInputs,
  sampleProfile,
} from "./sample-rows.ts";

/** How many rows each table has. */
async function counts({ db }: OpenConnection): Promise<{ profiles: number; sessions: number; events: number }> {
  const profiles = await db.selectFrom("profiles").select("id").execute();
  const sessions = await db.selectFrom("sessions").select("id").execute();
  const events = await db.selectFrom("analytics").select("id").execute();
  return { profiles: profiles.length, sessions: sessions.length, events: events.length };
}

export const transactionCases: readonly ConformanceCase[] = casesOf("transactions", {
  "what is committed is stored": async ({ connect }) => {
    const opened = await connect();
    await opened.connection.begin();
    await opened.connection.writeProfiles([sampleProfile(1)]);
    await opened.connection.writeEvents([sampleEvent(1)]);
    await opened.connection.commit();
    await opened.connection.reset();
    assert.deepEqual(await counts(opened), { profiles: 1, sessions: 1, events: 1 });
  },

  "what is rolled back is not": async ({ connect }) => {
    const opened = await connect();
    await opened.connection.begin();
    await opened.connection.writeProfiles([sampleProfile(1)]);
    await opened.connection.writeEvents([sampleEvent(1)]);
    assert.deepEqual(await counts(opened), { profiles: 1, sessions: 1, events: 1 });
    await opened.connection.rollback();
    assert.deepEqual(await counts(opened), { profiles: 0, sessions: 0, events: 0 });
  },

  "a transaction follows the one before it on the same connection": async ({ connect }) => {
    const opened = await connect();
    for (const n of [1, 2, 3]) {
      await opened.connection.begin();
      await opened.connection.writeProfiles([sampleProfile(n)]);
      await (n === 2 ? opened.connection.rollback() : opened.connection.commit());
    }
    assert.deepEqual(await counts(opened), { profiles: 2, sessions: 1, events: 0 });
  },

  "reset rolls back what is open": async ({ connect }) => {
    const opened = await connect();
    await opened.connection.begin();
    await opened.connection.writeProfiles([sampleProfile(1)]);
    await opened.connection.reset();
    assert.deepEqual(await counts(opened), { profiles: 0, sessions: 0, events: 0 });
    await opened.connection.begin();
    await opened.connection.commit();
  },

  "of a batch with a refused row nothing is stored": async ({ connect }) => {
    const opened = await connect();
    const rows = [sampleProfile(1), sampleProfile(2), refusedProfile(3), sampleProfile(4)];
    await failureOf(() => opened.connection.writeProfiles(rows));
    await failureOf(() => opened.connection.writeEvents([sampleEvent(1), refusedEvent(2)]));
    assert.deepEqual(await counts(opened), { profiles: 0, sessions: 0, events: 0 });
  },

  "a refused row inside a transaction takes the transaction with it at rollback": async ({ connect }) => {
    const opened = await connect();
    await opened.connection.begin();
    await opened.connection.writeProfiles([sampleProfile(1)]);
    await failureOf(() => opened.connection.writeProfiles([sampleProfile(2), refusedProfile(3)]));
    await opened.connection.rollback();
    assert.deepEqual(await counts(opened), { profiles: 0, sessions: 0, events: 0 });
  },

  "nobody sees what is not committed": async ({ connect, driver }) => {
    const writing = await connect("write", driver);
    const reading = await connect("read", driver);
    await writing.connection.begin();
    await writing.connection.writeProfiles([sampleProfile(1)]);
    assert.deepEqual(await reading.connection.readProfiles(["profile-000001"]), [undefined]);
    assert.deepEqual(await counts(reading), { profiles: 0, sessions: 0, events: 0 });
    await writing.connection.commit();
    expectSameRows(await reading.connection.readProfiles(["profile-000001"]), [sampleProfile(1)]);
    assert.deepEqual(await counts(reading), { profiles: 1, sessions: 1, events: 0 });
  },

  "insertProfiles stores all rows or none, also of more than fit into one statement": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const many = sampleInputs(2500);
    const spoiled = [...many, sampleInput(2500, { document: REFUSED })];
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertProfiles(spoiled));
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertProfiles(spoiled.slice(-2)));
    assert.deepEqual(await storedProfiles(store), []);
    assert.deepEqual((await store.querySessions("*")).items, []);
    const { ids, duplicates } = await store.insertProfiles(many);
    assert.deepEqual(
      ids,
      many.map((input) => input.id),
    );
    assert.deepEqual(duplicates, []);
    assert.equal((await store.getSession("session-1"))?.profileCount, 2500);
  },

  "insertProfiles names the rows that were there before, or earlier in the same call": async ({ newStore }) => {
    const store = newStore();
    await store.addProfile(sampleInput(1));
    const again = [sampleInput(1), sampleInput(2), sampleInput(2, { member: "other" }), sampleInput(3)];
    const { ids, duplicates } = await store.insertProfiles(again);
    assert.deepEqual(
      ids,
      again.map((input) => input.id),
    );
    assert.deepEqual(duplicates, ["profile-000001", "profile-000002"]);
    assert.equal((await store.getProfile("profile-000002"))?.member, "nolarose");
    assert.equal((await store.getSession("session-1"))?.profileCount, 3);
    assert.deepEqual(await store.insertProfiles([]), { ids: [], duplicates: [] });
  },
});
