/** Whole tables, page by page, and a store that is put together again from what they gave. */
import assert from "node:assert/strict";
import { byCodePoints } from "../../by-code-points.ts";
import type { RawRow, TableName } from "../../store/raw-rows.ts";
import { openRestoreTarget, openSyncSource } from "../../sync/index.ts";
import { type ScanPosition, TableScan } from "../../sync/table-scan.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";
import { type ConformanceCase, type ConformanceContext, casesOf } from "./case.ts";
import { expectTrueCounts, storedEvents, storedProfiles } from "./expectations.ts";
import { START_MS, sampleEvent, sampleEventInputs, sampleInput, sampleInputs, sampleProfile } from "./sample-rows.ts";
import { NAMES } from "./type-cases.ts";

/** What a scan of a table gave, and in how many pieces. */
interface Scanned<T extends TableName> {
  readonly rows: RawRow<T>[];
  readonly pieces: number;
}

async function scan<T extends TableName>(
  { driver }: ConformanceContext,
  store: TelemetryPool,
  table: T,
  { pageRows, after }: { readonly pageRows: number; readonly after?: ScanPosition },
): Promise<Scanned<T>> {
  const rows: RawRow<T>[] = [];
  let pieces = 0;
  const scanned = new TableScan(await store.kysely(), driver.dialect, pageRows);
  for await (const piece of scanned.rows(table, after)) {
    rows.push(...piece.rows);
    pieces++;
  }
  return { rows, pieces };
}

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

export const scanCases: readonly ConformanceCase[] = casesOf("scanning and restoring", {
  "profiles and events are scanned in the order of time, those of one time in the byte order of their ids": async (
    context,
  ) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    const profiles = NAMES.map((id, n) => sampleProfile(n, { id, timestamp: START_MS + (n >> 3) }));
    const events = NAMES.map((id, n) => sampleEvent(n, { id, timestamp: START_MS + (n & 1) }));
    await target.putProfiles(profiles);
    await target.putEvents(events);
    const inOrder = (rows: readonly { readonly id: string; readonly timestamp: number }[]) =>
      idsOf(rows.toSorted((a, b) => a.timestamp - b.timestamp || byCodePoints(a.id, b.id)));
    for (const pageRows of [1, 5, 1000]) {
      assert.deepEqual(idsOf((await scan(context, store, "profiles", { pageRows })).rows), inOrder(profiles));
      assert.deepEqual(idsOf((await scan(context, store, "analytics", { pageRows })).rows), inOrder(events));
    }
  },

  "very many rows of one time are scanned once each": async (context) => {
    const store = context.newStore();
    await store.insertEvents(sampleEventInputs(3000, { timestamp: START_MS }));
    await store.insertEvents(sampleEventInputs(3010).slice(3000));
    const { rows } = await scan(context, store, "analytics", { pageRows: 7 });
    assert.deepEqual(idsOf(rows), idsOf(sampleEventInputs(3010).map(({ id = "" }) => ({ id }))));
  },

  "sessions are scanned in the byte order of their ids": async (context) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    await target.putProfiles(NAMES.map((session, n) => sampleProfile(n, { session })));
    const sorted = [...new Set(NAMES)].sort(byCodePoints);
    for (const pageRows of [7, 1000]) {
      assert.deepEqual(idsOf((await scan(context, store, "sessions", { pageRows })).rows), sorted);
    }
    const after = { timestamp: 0, id: sorted[9] ?? "" };
    assert.deepEqual(idsOf((await scan(context, store, "sessions", { pageRows: 7, after })).rows), sorted.slice(10));
  },

  "a scan finds times before 1970, and goes on behind any row": async (context) => {
    const store = context.newStore();
    const times = [Number.MIN_SAFE_INTEGER, -1_000_000, -1, 0, 1, START_MS, Number.MAX_SAFE_INTEGER];
    const db = await store.kysely();
    await db
      .insertInto("profiles")
      .values(times.map((timestamp, n) => sampleProfile(n, { timestamp })))
      .execute();
    const { rows } = await scan(context, store, "profiles", { pageRows: 2 });
    assert.deepEqual(
      rows.map(({ timestamp }) => timestamp),
      times,
    );
    for (const [n, { id, timestamp }] of rows.entries()) {
      const rest = await scan(context, store, "profiles", { pageRows: 3, after: { id, timestamp } });
      assert.deepEqual(
        rest.rows.map((row) => row.timestamp),
        times.slice(n + 1),
      );
    }
  },

  "a scan gives large rows in pieces of a few MiB": async (context) => {
    const store = context.newStore();
    const text = "x".repeat(1_500_000);
    await store.insertProfiles(sampleInputs(6, { profile: { text } }));
    await store.insertProfiles(sampleInputs(60).slice(6));
    const { rows, pieces } = await scan(context, store, "profiles", { pageRows: 1000 });
    assert.deepEqual(idsOf(rows), idsOf(sampleInputs(60).map(({ id = "" }) => ({ id }))));
    assert.equal(pieces, 3);
  },

  "a scan of a table that is written to gives each row once, and misses none that was there": async (context) => {
    const store = context.newStore();
    await store.insertProfiles(sampleInputs(300));
    const scanned = new TableScan(await store.kysely(), context.driver.dialect, 10);
    const found: string[] = [];
    let next = 1000;
    for await (const { rows } of scanned.rows("profiles")) {
      found.push(...idsOf(rows));
      const timestamps = [START_MS - 5, START_MS + 150, START_MS + 5000 - next];
      await store.insertProfiles(timestamps.map((timestamp) => sampleInput(next++, { timestamp })));
    }
    assert.equal(new Set(found).size, found.length);
    const ids = new Set(found);
    assert.deepEqual(
      sampleInputs(300).filter(({ id = "" }) => !ids.has(id)),
      [],
    );
  },

  "what is put into a store twice is there once, and its sessions count it once": async (context) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    await target.prepare();
    await target.prepare();
    assert.equal(await target.isEmpty(), true);
    const profiles = NAMES.map((id, n) => sampleProfile(n, { id, session: `session-${n % 3}` }));
    const events = NAMES.map((id, n) => sampleEvent(n, { id, session: n % 2 === 0 ? null : "session-1" }));
    const source = await openSyncSource(store);
    await source.changes.install();
    const put = async () => {
      await target.putProfiles(profiles);
      await target.putEvents(events);
    };
    await put();
    const before = [await storedProfiles(store), await storedEvents(store), (await store.querySessions("*")).items];
    const noted = await source.changes.count();
    await put();
    assert.deepEqual(
      [await storedProfiles(store), await storedEvents(store), (await store.querySessions("*")).items],
      before,
    );
    assert.equal(await source.changes.count(), noted, "what is there already is not written again");
    assert.equal(await target.isEmpty(), false);
    await expectTrueCounts(store);
  },

  "a row takes the place of another with its id, and the counts stay true": async (context) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    const rows = Array.from({ length: 1200 }, (_, n) => sampleProfile(n, { session: `session-${n % 4}` }));
    await target.putProfiles(rows);
    const moved = rows.map((row, n) => (n % 3 === 0 ? { ...row, session: "session-9", member: "x" } : row));
    await target.putProfiles(moved);
    const found = new Map((await storedProfiles(store)).map((profile) => [profile.id, profile]));
    assert.deepEqual(
      moved.map(({ id, session, member }) => ({ id, session, member })),
      moved.map(({ id }) => ({ id, session: found.get(id)?.session, member: found.get(id)?.member })),
    );
    assert.equal(found.size, 1200);
    await expectTrueCounts(store);
    const events = Array.from({ length: 1200 }, (_, n) => sampleEvent(n));
    await target.putEvents(events);
    await target.putEvents(events.map((event, n) => (n % 2 === 0 ? { ...event, data: '{"n":"other"}' } : event)));
    const changed = (await storedEvents(store)).filter(({ data }) => "n" in data && data.n === "other");
    assert.equal(changed.length, 600);
  },

  "deletions of what is not there are nothing, and sessions keep their place until they are told gone": async (
    context,
  ) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    const rows = Array.from({ length: 1100 }, (_, n) => sampleProfile(n, { session: `session-${n % 2}` }));
    await target.putProfiles(rows);
    await target.putEvents([sampleEvent(1), sampleEvent(2)]);
    const gone = idsOf(rows.filter((_, n) => n % 2 === 0));
    for (let time = 0; time < 2; time++) {
      await target.deleteProfiles([...gone, "nobody"]);
      await target.deleteEvents(["event-000001", "nobody"]);
    }
    assert.equal((await store.getSession("session-0"))?.profileCount, 0);
    assert.equal((await store.getSession("session-1"))?.profileCount, 550);
    assert.deepEqual(
      (await storedEvents(store)).map(({ id }) => id),
      ["event-000002"],
    );
    await target.setSessions([], ["session-0", "session-1", "nobody"]);
    assert.equal(await store.getSession("session-0"), undefined);
    assert.equal((await store.getSession("session-1"))?.profileCount, 550);
    await expectTrueCounts(store);
  },

  "sessions get the member and the times that they are told": async (context) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    const state = { id: "session-1", member: "first", created_at: 5, last_activity: START_MS + 999 };
    const session = { id: "session-1", member: "first", createdAt: 5, lastActivity: START_MS + 999, profileCount: 1 };
    await target.addSessions([state, { ...state, id: "session-2" }]);
    await target.addSessions([state]);
    await target.putProfiles([sampleProfile(1)]);
    assert.deepEqual(await store.getSession("session-1"), session);
    const later = { ...state, member: "second", created_at: 9, last_activity: START_MS + 2 };
    await target.setSessions([later, { ...later, id: "nobody" }], []);
    await target.setSessions([later], ["session-2"]);
    const told = { ...session, member: "second", createdAt: 9, lastActivity: START_MS + 2 };
    assert.deepEqual((await store.querySessions("*")).items, [told]);
  },

  "a store that is emptied holds nothing, and can be filled again": async (context) => {
    const store = context.newStore();
    const target = await openRestoreTarget(store);
    await target.putProfiles(Array.from({ length: 1100 }, (_, n) => sampleProfile(n)));
    await target.putEvents([sampleEvent(1)]);
    await target.addSessions([{ id: "session-7", member: "m", created_at: 1, last_activity: 1 }]);
    await target.empty();
    assert.equal(await target.isEmpty(), true);
    await target.empty();
    await target.putProfiles([sampleProfile(1)]);
    assert.equal((await store.getSession("session-1"))?.profileCount, 1);
    await target.checkIntegrity();
  },
});
