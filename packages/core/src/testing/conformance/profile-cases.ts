/** Profiles and their sessions: stored, found, listed, counted. */
import assert from "node:assert/strict";
import type { ProfileInput } from "../../store/rows.ts";
import { seededRandom } from "../fake-clock.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { allPages, expectTrueCounts, rejectsWith, storedProfiles } from "./expectations.ts";
import { REFUSED, refusing, START_MS, sampleInput, sampleInputs } from "./sample-rows.ts";

/** Newest first, equal times in descending order of their ids: bytes decide, not a language. */
function newestFirst(a: ProfileInput, b: ProfileInput): number {
  const byTime = (b.timestamp ?? 0) - (a.timestamp ?? 0);
  return byTime !== 0 ? byTime : (a.id ?? "") < (b.id ?? "") ? 1 : -1;
}

/** Rows over some members, sessions, documents and few times, so that many share a time. */
function variedInputs(count: number): ProfileInput[] {
  const random = seededRandom(5);
  const oneOf = (values: number) => Math.floor(random() * values);
  return Array.from({ length: count }, (_, n) => ({
    ...sampleInput(n),
    id: `${oneOf(2) === 0 ? "a" : "B"}-${oneOf(1e6)}-${n}`,
    member: `member ${oneOf(3)}`,
    session: `session ${oneOf(5)}`,
    document: `document ${oneOf(4)}`,
    timestamp: START_MS + oneOf(20),
  }));
}

export const profileCases: readonly ConformanceCase[] = casesOf("profiles and sessions", {
  "insertProfile stores a profile under a new id and the time of its call": async ({ newStore }) => {
    const store = newStore();
    const before = Date.now();
    const id = await store.insertProfile("session-1", { latency: 5 }, "nolarose", "spec.md");
    const after = Date.now();
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const stored = await store.getProfile(id);
    assert.ok(stored !== undefined && stored.timestamp >= before && stored.timestamp <= after);
    const { timestamp } = stored;
    assert.deepEqual(stored, {
      id,
      session: "session-1",
      profile: { latency: 5 },
      timestamp,
      member: "nolarose",
      document: "spec.md",
    });
    const session = {
      id: "session-1",
      member: "nolarose",
      createdAt: timestamp,
      lastActivity: timestamp,
      profileCount: 1,
    };
    assert.deepEqual(await store.getSession("session-1"), session);
  },

  "what is not stored is not found": async ({ newStore }) => {
    const store = newStore();
    assert.equal(await store.getProfile("nobody"), undefined);
    assert.equal(await store.getSession("nobody"), undefined);
    assert.deepEqual(await store.queryProfiles({ member: "nobody" }), { items: [], nextCursor: null });
    assert.deepEqual(await store.querySessions("nobody"), { items: [], nextCursor: null });
    assert.deepEqual(await store.queryEvents({ type: "nothing" }), { items: [], nextCursor: null });
  },

  "profiles are listed newest first, equal times by descending id, by every filter": async ({ newStore }) => {
    const store = newStore();
    const inputs = variedInputs(400);
    await store.insertProfiles(inputs);
    const sorted = inputs.toSorted(newestFirst);
    const filters = [
      {},
      { member: "member 1" },
      { session: "session 2" },
      { document: "document 3" },
      { from: START_MS + 5 },
      { to: START_MS + 5 },
      { from: START_MS + 5, to: START_MS + 6 },
      { from: START_MS + 6, to: START_MS + 6 },
      { member: "member 0", session: "session 1" },
      { member: "member 2", session: "session 0", document: "document 1", from: START_MS + 3, to: START_MS + 15 },
    ];
    for (const filter of filters) {
      const { from = 0, to = Number.POSITIVE_INFINITY, ...names } = filter as Record<string, number>; // the names are texts, only compared
      const expected = sorted.filter(
        (row) =>
          (row.timestamp ?? 0) >= from &&
          (row.timestamp ?? 0) < to &&
          Object.entries(names).every(([name, value]) =>
            Object.entries(row).some(([k, v]) => k === name && v === value),
          ),
      );
      for (const limit of [7, 150, 1000]) {
        assert.deepEqual(await allPages((page) => store.queryProfiles(filter, page), limit), expected);
      }
    }
  },

  "a list keeps its place while newer rows arrive": async ({ newStore }) => {
    const store = newStore();
    const inputs = sampleInputs(60, { timestamp: START_MS });
    await store.insertProfiles(inputs);
    let arrived = 0;
    const seen = await allPages(async (page) => {
      const result = await store.queryProfiles({}, page);
      await store.addProfile(sampleInput(1000 + arrived++, { timestamp: START_MS + 1 }));
      return result;
    }, 7);
    assert.deepEqual(
      seen.map(({ id }) => id),
      inputs.map(({ id }) => id).toReversed(),
    );
    assert.ok(arrived > 5);
  },

  "a page that ends with the last row has no further page": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(10));
    assert.equal((await store.queryProfiles({}, { limit: 10 })).nextCursor, null);
    assert.notEqual((await store.queryProfiles({}, { limit: 9 })).nextCursor, null);
  },

  "profiles() gives all of them, one after the other": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(2100));
    const ids: string[] = [];
    for await (const { id } of store.profiles({ member: "nolarose" })) ids.push(id);
    assert.deepEqual(
      ids,
      sampleInputs(2100)
        .map(({ id }) => id)
        .toReversed(),
    );
    for await (const profile of store.profiles()) {
      assert.equal(profile.id, "profile-002099");
      break;
    }
  },

  "filters and pages that break the rules are refused": async ({ newStore }) => {
    const store = newStore();
    const refused = (filter: object, page: object) =>
      rejectsWith("INVALID_ARGUMENT", () => store.queryProfiles(filter, page));
    for (const limit of [0, -1, 1.5, 1001, Number.NaN, "5"])
      assert.equal((await refused({}, { limit })).field, "page.limit");
    for (const cursor of ["", "x", "e30", "WzEsMl0", 5])
      assert.equal((await refused({}, { cursor })).field, "page.cursor");
    assert.equal((await refused({ membre: "x" }, {})).field, "filter.membre");
    assert.equal((await refused({ member: "" }, {})).field, "filter.member");
    assert.equal((await refused({ from: -1 }, {})).field, "filter.from");
  },

  "a session carries its first member, its first and last time, and its count": async ({ newStore }) => {
    const store = newStore();
    await store.addProfile(sampleInput(1, { timestamp: 500, member: "first" }));
    await store.addProfile(sampleInput(2, { timestamp: 900, member: "second" }));
    await store.addProfile(sampleInput(3, { timestamp: 100 }));
    await store.addProfile(sampleInput(4, { timestamp: 600 }));
    await store.addProfile(sampleInput(4, { timestamp: 5000 }));
    const session = { id: "session-1", member: "first", createdAt: 100, lastActivity: 900, profileCount: 4 };
    assert.deepEqual(await store.getSession("session-1"), session);
    const batch = [30, 2000, 40].map((timestamp, n) => sampleInput(10 + n, { timestamp, session: "session-2" }));
    await store.insertProfiles(batch);
    const second = { id: "session-2", member: "nolarose", createdAt: 30, lastActivity: 2000, profileCount: 3 };
    assert.deepEqual(await store.getSession("session-2"), second);
  },

  "sessions are listed newest first, of one member or of all": async ({ newStore }) => {
    const store = newStore();
    const inputs = Array.from({ length: 30 }, (_, n) =>
      sampleInput(n, {
        session: `session-${String(n).padStart(2, "0")}`,
        member: `member ${n % 3}`,
        timestamp: START_MS + (n >> 2),
      }),
    );
    await store.insertProfiles(inputs);
    const expected = inputs
      .map(({ session: id, member, timestamp = 0 }) => ({
        id,
        member,
        createdAt: timestamp,
        lastActivity: timestamp,
        profileCount: 1,
      }))
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
    assert.deepEqual(await allPages((page) => store.querySessions("*", page), 7), expected);
    const ofOne = expected.filter(({ member }) => member === "member 1");
    assert.deepEqual(await allPages((page) => store.querySessions("member 1", page), 3), ofOne);
    await rejectsWith("INVALID_ARGUMENT", () => store.querySessions(""));
  },

  "profile_count is true under concurrent writers, duplicates and pruning": async ({ newStore }) => {
    const store = newStore({ writeQueue: { maxBatchRows: 50 } });
    const inputs = variedInputs(1500);
    const twice = [...inputs, ...inputs.slice(0, 300)];
    await Promise.all([
      ...twice.map((input) => store.addProfile(input)),
      store.insertProfiles(inputs.slice(500, 800)),
      store.importProfiles(inputs.slice(700, 1500)),
      store.prune({ maxRows: 900 }),
    ]);
    await expectTrueCounts(store);
    await store.prune({ maxRows: 10 });
    await expectTrueCounts(store);
  },

  "profile_count is true when two stores write to the same sessions": async ({ newStore, reopen }) => {
    const first = newStore();
    const second = newStore({ driver: reopen() });
    const inputs = variedInputs(400);
    const third = inputs.slice(100, 300);
    await Promise.all([
      ...inputs.map((input) => first.addProfile(input)),
      ...third.map((input) => second.addProfile(input)),
      second.insertProfiles(third),
    ]);
    assert.equal((await storedProfiles(first)).length, 400);
    await expectTrueCounts(first);
  },

  "an import stores any number, tells its progress, and counts duplicates": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(10));
    async function* source() {
      for (const input of sampleInputs(2500)) yield input;
    }
    const progress: number[] = [];
    const result = await store.importProfiles(source(), { onProgress: ({ stored }) => progress.push(stored) });
    assert.deepEqual(result, { read: 2500, stored: 2490, duplicates: 10, rejected: 0 });
    assert.equal(progress.at(-1), 2490);
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    );
    await expectTrueCounts(store);
  },

  "an import names the rows that it had to refuse, and stores the others": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const inputs = sampleInputs(1200).map((input, n) => {
      if (n === 3) return { ...input, member: "" };
      return n === 700 || n === 1199 ? { ...input, document: REFUSED } : input;
    });
    const rejected: [number, string][] = [];
    const onRejected = (error: { code: string }, position: number) => rejected.push([position, error.code]);
    const result = await store.importProfiles(inputs, { onRejected });
    assert.deepEqual(result, { read: 1200, stored: 1197, duplicates: 0, rejected: 3 });
    assert.deepEqual(rejected, [
      [3, "INVALID_ARGUMENT"],
      [700, "CONSTRAINT_VIOLATED"],
      [1199, "CONSTRAINT_VIOLATED"],
    ]);
    await expectTrueCounts(store);
    await rejectsWith("INVALID_ARGUMENT", () => store.importProfiles(inputs));
  },
});
