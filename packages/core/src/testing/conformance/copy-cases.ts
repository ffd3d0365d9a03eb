/**
 * What copying from one database to another rests on: the order of keys, rows as they are stored, digests that do not
 * depend on the database, and sessions that go ahead of their profiles.
 */
import assert from "node:assert/strict";
import { byCodePoints } from "../../by-code-points.ts";
import type { ProfileRow } from "../../driver/driver.ts";
import { copyStore } from "../../manager/copy-store.ts";
import { keysById, keysOfSession, lastId, type RowKey, rowsByIds, type SessionKey } from "../../store/raw-rows.ts";
import { rowDigest } from "../../store/row-digest.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { rejectsWith } from "./expectations.ts";
import { START_MS, sampleEvent, sampleInput, sampleProfile } from "./sample-rows.ts";
import { NAMES } from "./type-cases.ts";

/** Documents of which databases are known to write other texts than they were given. */
const DOCUMENTS = [
  '{"b":{"y":[3,1,2],"x":null},"a":"é👍","":true,"aa":{}}',
  '{"long key":1,"k":2,"__proto__":{"z":1,"a":2}}',
  '{"numbers":[0,-1,0.1,1e-7,5e-324,1.7976931348623157e308,9007199254740993,1e21,123456789.123456,1.50]}',
  '{"text":"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u2028\\ufeff"}',
];

/** All pages of keys, of which a page ends with the place where the next one begins. */
async function allKeys<K extends RowKey>(read: (after: K | undefined) => Promise<K[]>): Promise<string[]> {
  const ids: string[] = [];
  let after: K | undefined;
  do {
    const page = await read(after);
    ids.push(...page.map(({ id }) => id));
    after = page.at(-1);
  } while (after !== undefined);
  return ids;
}

export const copyCases: readonly ConformanceCase[] = casesOf("copying", {
  "keys come in the byte order of their ids, page by page": async ({ connect, driver }) => {
    const { connection, db } = await connect();
    const names = [...NAMES, "\uffff", "\u{10ffff}", "\ue000"];
    await connection.writeProfiles(names.map((id, n) => sampleProfile(n, { id, session: id })));
    await connection.writeEvents(names.map((id, n) => sampleEvent(n, { id })));
    const sorted = names.toSorted(byCodePoints);
    for (const table of ["profiles", "sessions", "analytics"] as const) {
      for (const limit of [7, 1000]) {
        const read = (after: RowKey | undefined) => keysById(db, driver.dialect, table, { after: after?.id, limit });
        assert.deepEqual(await allKeys(read), sorted);
      }
      assert.equal(await lastId(db, table), sorted.at(-1));
      const upTo = sorted[20];
      const bounded = await keysById(db, undefined, table, { upTo, limit: 1000 });
      assert.deepEqual(
        bounded.map(({ id }) => id),
        sorted.slice(0, 21),
      );
    }
  },

  "keys of a session come oldest first, those of one time in the byte order of their ids": async ({
    connect,
    driver,
  }) => {
    const { connection, db } = await connect();
    const rows = NAMES.map((id, n) => sampleProfile(n, { id, timestamp: START_MS + (n >> 3) }));
    await connection.writeProfiles([...rows, sampleProfile(900, { session: "another" })]);
    const sorted = rows.toSorted((a, b) => a.timestamp - b.timestamp || byCodePoints(a.id, b.id));
    const read = (after: SessionKey | undefined) => keysOfSession(db, driver.dialect, "session-1", { after, limit: 5 });
    assert.deepEqual(
      await allKeys(read),
      sorted.map(({ id }) => id),
    );
  },

  "a key tells how large the document of its row is": async ({ connect, driver }) => {
    const { connection, db } = await connect();
    const texts = [10, 100_000, 3_000_000].map((length) => JSON.stringify({ text: "x".repeat(length) }));
    await connection.writeProfiles(texts.map((profile, n) => sampleProfile(n, { profile })));
    const keys = await keysById(db, driver.dialect, "profiles", { limit: 10 });
    for (const [n, { bytes }] of keys.entries()) {
      const length = texts[n]?.length ?? 0;
      assert.ok(bytes >= length && bytes <= length + 1000, `${bytes} bytes for a document of ${length}`);
    }
  },

  "rows are read by their ids, up to a thousand at once": async ({ connect }) => {
    const { connection, db } = await connect();
    const rows = Array.from({ length: 1500 }, (_, n) => sampleProfile(n));
    await connection.writeProfiles(rows.slice(0, 1000));
    await connection.writeProfiles(rows.slice(1000));
    const wanted = rows.slice(300, 1299).map(({ id }) => id);
    const found = await rowsByIds(db, "profiles", [...wanted, "nobody"]);
    assert.deepEqual(found.map(({ id }) => id).toSorted(), wanted);
    assert.deepEqual(await rowsByIds(db, "profiles", []), []);
    assert.deepEqual(await rowsByIds(db, "sessions", ["session-1"]), [
      {
        id: "session-1",
        member: "nolarose",
        created_at: START_MS,
        last_activity: START_MS + 1499,
        profile_count: 1500,
      },
    ]);
  },

  "the digest of a row is that of what was written, whatever the database made of it": async ({ connect }) => {
    const { connection, db } = await connect();
    const profiles: ProfileRow[] = [
      ...DOCUMENTS.map((profile, n) => sampleProfile(n, { profile })),
      ...NAMES.map((name, n) => sampleProfile(100 + n, { id: name, session: name, member: name, document: name })),
    ];
    const events = [
      ...DOCUMENTS.map((data, n) => sampleEvent(n, { data })),
      sampleEvent(100, { session: null, timestamp: Number.MAX_SAFE_INTEGER }),
    ];
    await connection.writeProfiles(profiles);
    await connection.writeEvents(events);
    const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
    const storedProfiles = new Map((await rowsByIds(db, "profiles", idsOf(profiles))).map((row) => [row.id, row]));
    const storedEvents = new Map((await rowsByIds(db, "analytics", idsOf(events))).map((row) => [row.id, row]));
    assert.deepEqual([storedProfiles.size, storedEvents.size], [profiles.length, events.length]);
    for (const row of profiles) {
      assert.equal(rowDigest("profiles", storedProfiles.get(row.id) ?? row), rowDigest("profiles", row), row.profile);
    }
    for (const row of events) {
      assert.equal(rowDigest("analytics", storedEvents.get(row.id) ?? row), rowDigest("analytics", row), row.data);
    }
  },

  "a session that goes ahead of its profiles keeps its member, and its times are widened": async ({ newStore }) => {
    const store = newStore();
    const db = await store.kysely();
    await db
      .insertInto("sessions")
      .values({ id: "session-1", member: "first", created_at: 500, last_activity: 800, profile_count: 0 })
      .execute();
    await store.insertProfiles([sampleInput(1, { timestamp: 600 }), sampleInput(2, { timestamp: 700 })]);
    const session = { id: "session-1", member: "first", createdAt: 500, lastActivity: 800, profileCount: 2 };
    assert.deepEqual(await store.getSession("session-1"), session);
    await store.addProfile(sampleInput(3, { timestamp: 900 }));
    await store.addProfile(sampleInput(4, { timestamp: 100 }));
    assert.deepEqual(await store.getSession("session-1"), {
      ...session,
      createdAt: 100,
      lastActivity: 900,
      profileCount: 4,
    });
  },

  "a store is not copied into itself": async ({ newStore }) => {
    const store = newStore();
    await store.addProfile(sampleInput(1));
    const refusal = await rejectsWith("INVALID_ARGUMENT", () => copyStore(store, store, { resume: true }));
    assert.equal(refusal.field, "to");
  },
});
