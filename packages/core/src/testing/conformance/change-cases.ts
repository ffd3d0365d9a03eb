/**
 * Changes are noted by the database: each in the transaction that makes it, whatever program makes it, and nothing where
 * nothing changes. A copy in object storage rests on this. A driver without `changeCapture` names these cases as exceptions.
 */
import assert from "node:assert/strict";
import { sql } from "kysely";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectTrueCounts, failureOf, rejectsWith } from "./expectations.ts";
import { noting, taken } from "./noted-changes.ts";
import {
  REFUSED,
  refusing,
  START_MS,
  sampleEvent,
  sampleEventInput,
  sampleEventInputs,
  sampleInput,
  sampleInputs,
  sampleProfile,
} from "./sample-rows.ts";

const profileIds = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `profiles ${sampleProfile(first + n).id}`);
const eventIds = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `analytics ${sampleEvent(first + n).id}`);

export const changeCases: readonly ConformanceCase[] = casesOf("noting changes", {
  "what was stored before is not noted, and to install again notes nothing": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(10));
    await store.addEvent(sampleEventInput(1));
    const source = await noting(store);
    await source.changes.install();
    assert.equal(await source.changes.count(), 0);
    await store.addProfile(sampleInput(10));
    await source.changes.install();
    assert.deepEqual(await taken(source), profileIds(10, 1));
    assert.equal(await source.changes.count(), 0);
  },

  "a profile is noted once, whichever way it comes, and so is a session that is new": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    assert.deepEqual(await store.addProfile(sampleInput(1)), { id: "profile-000001", duplicate: false });
    assert.equal(await source.changes.count(), 2);
    assert.deepEqual(await taken(source), [...profileIds(1, 1), "sessions session-1"]);
    assert.deepEqual((await store.insertProfiles([sampleInput(2)])).duplicates, []);
    assert.deepEqual(await taken(source), profileIds(2, 1));
    const many = sampleInputs(2500, { session: "session-2" }).slice(100);
    assert.deepEqual((await store.insertProfiles(many)).duplicates, []);
    assert.equal(await source.changes.count(), 2401);
    assert.deepEqual(await taken(source), [...profileIds(100, 2400), "sessions session-2"]);
    assert.equal((await store.importProfiles(sampleInputs(6200).slice(5000))).stored, 1200);
    assert.deepEqual(await taken(source), profileIds(5000, 1200));
    await Promise.all(
      sampleInputs(9300)
        .slice(9000)
        .map((input) => store.addProfile(input)),
    );
    assert.deepEqual(await taken(source), profileIds(9000, 300));
    const id = await store.insertProfile("session-3", {}, "nolarose", "spec.md");
    assert.deepEqual(await taken(source), [`profiles ${id}`, "sessions session-3"]);
    const db = await store.kysely();
    await db
      .insertInto("profiles")
      .values([sampleProfile(9400), sampleProfile(9401)])
      .execute();
    assert.deepEqual(await taken(source), profileIds(9400, 2));
  },

  "an event is noted once, whichever way it comes": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    await store.addEvent(sampleEventInput(1));
    await store.insertEvents(sampleEventInputs(1500).slice(10));
    await store.importEvents(sampleEventInputs(3200).slice(2000));
    await (await store.kysely())
      .insertInto("analytics")
      .values(sampleEvent(4000, { session: null }))
      .execute();
    assert.equal(await source.changes.count(), 1 + 1490 + 1200 + 1);
    const expected = [...eventIds(1, 1), ...eventIds(10, 1490), ...eventIds(2000, 1200), ...eventIds(4000, 1)];
    assert.deepEqual(await taken(source), expected);
  },

  "a row that is there already is not noted, and its caller is told as ever": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(3));
    await store.insertEvents(sampleEventInputs(3));
    const source = await noting(store);
    const other = { member: "another" };
    assert.deepEqual(await store.addProfile(sampleInput(1, other)), { id: "profile-000001", duplicate: true });
    assert.deepEqual((await store.insertProfiles(sampleInputs(3, other))).duplicates, profileNames(0, 1, 2));
    assert.deepEqual(await store.addEvent(sampleEventInput(1, { type: "x" })), {
      id: "event-000001",
      duplicate: true,
    });
    assert.equal((await store.insertEvents(sampleEventInputs(3))).duplicates.length, 3);
    assert.deepEqual(await taken(source), []);
    const mixed = [sampleInput(2), sampleInput(3), sampleInput(3, other), sampleInput(0), sampleInput(4)];
    assert.deepEqual((await store.insertProfiles(mixed)).duplicates, profileNames(2, 3, 0));
    assert.deepEqual(await taken(source), profileIds(3, 2));
    const outcomes = await Promise.all([5, 5, 1].map((n) => store.addProfile(sampleInput(n))));
    assert.equal(outcomes.filter(({ duplicate }) => duplicate).length, 2);
    assert.deepEqual(await taken(source), profileIds(5, 1));
    assert.equal((await store.getSession("session-1"))?.profileCount, 6);
    assert.equal((await store.getProfile("profile-000001"))?.member, "nolarose");
  },

  "an update notes a row under its old and its new id, with both sessions; one that changes nothing does not": async ({
    newStore,
  }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(3));
    await store.insertEvents(sampleEventInputs(3));
    const source = await noting(store);
    const db = await store.kysely();
    const same = await db.updateTable("profiles").set({ member: "nolarose" }).executeTakeFirst();
    assert.equal(Number(same.numUpdatedRows), 3);
    await db.updateTable("analytics").set({ event_type: "click" }).execute();
    await db.updateTable("sessions").set({ member: "nolarose" }).execute();
    assert.deepEqual(await taken(source), []);
    const one = await db
      .updateTable("profiles")
      .set({ member: "x" })
      .where("id", "=", "profile-000001")
      .executeTakeFirst();
    assert.equal(Number(one.numUpdatedRows), 1);
    assert.deepEqual(await taken(source), [...profileIds(1, 1), "sessions session-1"]);
    await db
      .updateTable("profiles")
      .set({ id: "profile-000009", session: "session-2" })
      .where("id", "=", "profile-000002")
      .execute();
    const moved = [...profileIds(2, 1), ...profileIds(9, 1), "sessions session-1", "sessions session-2"];
    assert.deepEqual(await taken(source), moved);
    await db.updateTable("profiles").set({ profile: "{}" }).where("id", "=", "profile-000001").execute();
    await db.updateTable("analytics").set({ session: null }).where("id", "=", "event-000001").execute();
    await db.updateTable("analytics").set({ id: "event-000009" }).where("id", "=", "event-000002").execute();
    const changed = [...eventIds(1, 2), ...eventIds(9, 1), ...profileIds(1, 1), "sessions session-1"];
    assert.deepEqual(await taken(source), changed);
  },

  "a session is noted when it changes without its count": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(3));
    const source = await noting(store);
    const db = await store.kysely();
    const sessions = db.updateTable("sessions").where("id", "=", "session-1");
    await sessions.set({ member: "x" }).execute();
    assert.deepEqual(await taken(source), ["sessions session-1"]);
    await sessions.set({ created_at: START_MS - 1 }).execute();
    assert.deepEqual(await taken(source), ["sessions session-1"]);
    await sessions.set({ last_activity: START_MS + 999 }).execute();
    assert.deepEqual(await taken(source), ["sessions session-1"]);
    await sessions.set({ profile_count: sql<number>`profile_count + 1` }).execute();
    assert.deepEqual(await taken(source), []);
    await db
      .insertInto("sessions")
      .values({ id: "session-2", member: "m", created_at: 0, last_activity: 0, profile_count: 0 })
      .execute();
    assert.deepEqual(await taken(source), ["sessions session-2"]);
    await db.deleteFrom("sessions").where("id", "=", "session-2").execute();
    assert.deepEqual(await taken(source), ["sessions session-2"]);
  },

  "a deletion notes the row, and the session of a profile": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(20).map((input, n) => ({ ...input, session: `session-${n % 2}` })));
    await store.insertEvents(sampleEventInputs(20));
    const source = await noting(store);
    const db = await store.kysely();
    const gone = await db.deleteFrom("profiles").where("id", "in", ["profile-000000", "nobody"]).executeTakeFirst();
    assert.equal(Number(gone.numDeletedRows), 1);
    await db.deleteFrom("profiles").where("id", "=", "nobody").execute();
    assert.deepEqual(await taken(source), [...profileIds(0, 1), "sessions session-0"]);
    await db.deleteFrom("analytics").where("id", "=", "event-000000").execute();
    assert.deepEqual(await taken(source), eventIds(0, 1));
    assert.deepEqual(await store.prune({ maxRows: 5 }), { profiles: 14, events: 14, sessions: 0 });
    const pruned = [...eventIds(1, 14), ...profileIds(1, 14), "sessions session-0", "sessions session-1"];
    assert.deepEqual(await taken(source), pruned);
    assert.deepEqual(await store.prune({ before: START_MS + 1000 }), { profiles: 5, events: 5, sessions: 1 });
    const rest = [...eventIds(15, 5), ...profileIds(15, 5), "sessions session-0", "sessions session-1"];
    assert.deepEqual(await taken(source), rest);
  },

  "what is rolled back is not noted": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const source = await noting(store);
    const spoiled = [...sampleInputs(2500), sampleInput(2500, { document: REFUSED })];
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertProfiles(spoiled));
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertProfiles(spoiled.slice(-3)));
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.addProfile(sampleInput(1, { document: REFUSED })));
    const db = await store.kysely();
    const failed = await failureOf(() =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto("profiles").values(sampleProfile(1)).execute();
        await trx.insertInto("analytics").values(sampleEvent(1)).execute();
        throw new Error("the caller has thought better of it");
      }),
    );
    assert.match(String(failed), /thought better/);
    assert.equal(await source.changes.count(), 0);
    await db.transaction().execute(async (trx) => {
      await trx.insertInto("profiles").values(sampleProfile(1)).execute();
      await trx.insertInto("analytics").values(sampleEvent(1)).execute();
    });
    assert.deepEqual(await taken(source), [...eventIds(1, 1), ...profileIds(1, 1)]);
  },

  "a change comes with its row as it is now, which is none when it is gone": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    await store.insertProfiles(sampleInputs(3));
    await store.insertEvents(sampleEventInputs(2));
    const db = await store.kysely();
    await db.updateTable("profiles").set({ member: "later" }).where("id", "=", "profile-000001").execute();
    await db.deleteFrom("profiles").where("id", "=", "profile-000002").execute();
    await db.deleteFrom("analytics").where("id", "=", "event-000000").execute();
    const page = await source.changes.page({ maxRows: 1000, maxBytes: 1_000_000 });
    const members = page.flatMap((change) => (change.table === "profiles" ? [[change.id, change.row?.member]] : []));
    assert.deepEqual(Object.fromEntries(members), {
      "profile-000000": "nolarose",
      "profile-000001": "later",
      "profile-000002": undefined,
    });
    const [gone, left] = page.filter((change) => change.table === "analytics");
    assert.deepEqual([gone?.id, gone?.row], ["event-000000", undefined]);
    const { type: event_type, data } = sampleEventInput(1);
    assert.deepEqual(left?.row && { ...left.row, data: JSON.parse(left.row.data) }, {
      id: "event-000001",
      event_type,
      data,
      timestamp: START_MS + 1,
      session: "session-1",
    });
    const sessions = await source.changes.sessions(["session-1", "nobody"]);
    assert.deepEqual(
      sessions.map(({ id, profile_count }) => [id, profile_count]),
      [["session-1", 3]],
    );
  },

  "changes come page by page, by number and by size": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    const large = { text: "x".repeat(100_000) };
    await store.insertEvents(sampleEventInputs(25, { data: large }));
    const sizes = async (maxRows: number, maxBytes: number) => {
      const found: number[] = [];
      let after: number | undefined;
      for (;;) {
        const changes = await source.changes.page({ after, maxRows, maxBytes });
        if (changes.length === 0) return found;
        for (const change of changes) {
          assert.ok(change.table === "analytics");
          assert.deepEqual(JSON.parse(change.row?.data ?? ""), large);
        }
        found.push(changes.length);
        after = changes.at(-1)?.seq;
      }
    };
    assert.deepEqual(await sizes(10, Number.MAX_SAFE_INTEGER), [10, 10, 5]);
    assert.deepEqual(await sizes(1000, 1_050_000), [10, 10, 5]);
    assert.deepEqual(await sizes(1000, 1), Array(25).fill(1));
    assert.equal(await source.changes.count(), 25);
  },

  "exactly those changes are forgotten that are named": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    await store.insertEvents(sampleEventInputs(2500));
    const changes = await source.changes.page({ maxRows: 10_000, maxBytes: Number.MAX_SAFE_INTEGER });
    const [odd, even] = [1, 0].map((rest) => changes.filter((_, position) => position % 2 === rest));
    const head = await source.ledger.begin("another");
    const numbers = odd?.map(({ seq }) => seq) ?? [];
    assert.equal(await source.ledger.advance(head, { sequence: 1, sha256: "a", committedAt: 1 }, numbers), true);
    const left = await source.changes.page({ maxRows: 10_000, maxBytes: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(
      left.map(({ seq }) => seq),
      even?.map(({ seq }) => seq),
    );
  },

  "when changes are noted no more, rows are stored as before, until they are noted again": async ({ newStore }) => {
    const store = newStore();
    const source = await noting(store);
    await store.addProfile(sampleInput(1));
    await source.changes.remove();
    await source.changes.remove();
    await store.addProfile(sampleInput(2));
    await store.insertProfiles(sampleInputs(100));
    await store.insertEvents(sampleEventInputs(100));
    const db = await store.kysely();
    await db.updateTable("profiles").set({ member: "x" }).where("id", "=", "profile-000007").execute();
    await store.prune({ maxRows: 10 });
    await failureOf(() => source.changes.count());
    await noting(store);
    assert.equal(await source.changes.count(), 0);
    await store.addProfile(sampleInput(200));
    await store.prune({ maxRows: 10 });
    assert.deepEqual(await taken(source), [...profileIds(90, 1), ...profileIds(200, 1), "sessions session-1"]);
    await expectTrueCounts(store);
  },
});

function profileNames(...numbers: readonly number[]): string[] {
  return numbers.map((n) => sampleProfile(n).id);
}
