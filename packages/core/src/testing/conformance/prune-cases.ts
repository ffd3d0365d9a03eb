/** Pruning: the oldest rows go, the newest stay, and the sessions know it. */
import assert from "node:assert/strict";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectTrueCounts, rejectsWith, storedEvents, storedProfiles } from "./expectations.ts";
import { START_MS, sampleEventInputs, sampleInputs } from "./sample-rows.ts";

export const pruneCases: readonly ConformanceCase[] = casesOf("pruning", {
  "what is older than a limit goes": async ({ newStore }) => {
    const store = newStore();
    const dayMs = 86_400_000;
    const now = Date.now();
    const inputs = sampleInputs(20).map((input, n) => ({
      ...input,
      timestamp: now - n * dayMs,
      session: `session-${n % 5}`,
    }));
    await store.insertProfiles(inputs);
    await Promise.all(
      inputs.map(({ timestamp }, n) => store.recordEvent("click", {}, null, { id: `event-${n}`, timestamp })),
    );
    const removed = await store.prune({ olderThanMs: 3.5 * dayMs });
    assert.deepEqual(removed, { profiles: 16, events: 16, sessions: 1 });
    assert.deepEqual(
      (await storedProfiles(store)).map(({ id }) => id),
      inputs.slice(0, 4).map(({ id }) => id),
    );
    assert.equal((await store.queryEvents()).items.length, 4);
    await expectTrueCounts(store);
  },

  "what is before a time goes, what has that time stays": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(700));
    await store.insertEvents(sampleEventInputs(700));
    const removed = await store.prune({ before: START_MS + 690 });
    assert.deepEqual(removed, { profiles: 690, events: 690, sessions: 0 });
    assert.equal((await storedProfiles(store)).at(-1)?.timestamp, START_MS + 690);
    assert.equal((await storedEvents(store)).at(-1)?.timestamp, START_MS + 690);
    assert.deepEqual(await store.prune({ before: 0 }), { profiles: 0, events: 0, sessions: 0 });
    await expectTrueCounts(store);
  },

  "only one kind goes where only one is asked for, by every limit": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(20));
    await store.insertEvents(sampleEventInputs(20));
    const counts = async () => [(await storedProfiles(store)).length, (await storedEvents(store)).length];
    const none = { profiles: 0, events: 0, sessions: 0 };
    assert.deepEqual(await store.prune({ only: "events", before: START_MS + 1 }), { ...none, events: 1 });
    assert.deepEqual(await store.prune({ only: "events", maxRows: 15 }), { ...none, events: 4 });
    assert.deepEqual(await store.prune({ only: "profiles", olderThanMs: 0, maxRows: 10 }), {
      ...none,
      profiles: 20,
      sessions: 1,
    });
    assert.deepEqual(await counts(), [0, 15]);
    await store.insertProfiles(sampleInputs(20));
    assert.deepEqual(await store.prune({ only: "events", maxBytes: 0 }), { ...none, events: 15 });
    assert.deepEqual(await counts(), [20, 0]);
    await expectTrueCounts(store);
  },

  "of too many rows the oldest go": async ({ newStore }) => {
    const store = newStore();
    const inputs = sampleInputs(1700).map((input, n) => ({ ...input, session: `session-${n >> 8}` }));
    await store.insertProfiles(inputs);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => store.recordEvent("click", {}, null, { timestamp: START_MS + n })),
    );
    const steps: number[] = [];
    const removed = await store.prune({ maxRows: 20, onProgress: ({ profiles }) => steps.push(profiles) });
    assert.deepEqual(removed, { profiles: 1680, events: 10, sessions: 6 });
    assert.ok(steps.length > 3, "it goes in steps");
    assert.deepEqual(
      (await storedProfiles(store)).map(({ id }) => id),
      inputs
        .slice(-20)
        .map(({ id }) => id)
        .toReversed(),
    );
    await expectTrueCounts(store);
    assert.deepEqual(await store.prune({ maxRows: 20 }), { profiles: 0, events: 0, sessions: 0 });
  },

  "of too many bytes the oldest go": async ({ newStore }) => {
    const store = newStore();
    const text = "x".repeat(4000);
    const inputs = sampleInputs(2000).map((input) => ({ ...input, profile: { text } }));
    await store.insertProfiles(inputs);
    assert.deepEqual(await store.prune({ maxBytes: 1e12 }), { profiles: 0, events: 0, sessions: 0 });
    const removed = await store.prune({ maxBytes: 4_000_000 });
    const left = await storedProfiles(store);
    assert.ok(
      removed.profiles > 0 && left.length > 0 && removed.profiles + left.length === 2000,
      `${left.length} are left`,
    );
    assert.equal(left.at(-1)?.id, inputs[removed.profiles]?.id, "the oldest went");
    await expectTrueCounts(store);
  },

  "a session without profiles goes, and begins anew when profiles come again": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(3));
    assert.deepEqual(await store.prune({ maxRows: 0 }), { profiles: 3, events: 0, sessions: 1 });
    assert.equal(await store.getSession("session-1"), undefined);
    const { duplicates } = await store.insertProfiles(sampleInputs(2, { member: "new" }));
    assert.deepEqual(duplicates, []);
    const session = {
      id: "session-1",
      member: "new",
      createdAt: START_MS,
      lastActivity: START_MS + 1,
      profileCount: 2,
    };
    assert.deepEqual(await store.getSession("session-1"), session);
  },

  "a request without a limit, or with a wrong one, is refused": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(3));
    for (const request of [
      {},
      { maxRows: -1 },
      { maxRows: 1.5 },
      { olderThanMs: Number.NaN },
      { maxBytes: "5" },
      { maxrows: 5 },
      { before: -1 },
      { before: 1.5 },
      { before: new Date() },
      { before: 5, olderThanMs: 5 },
      { only: "profiles" },
      { only: "sessions", maxRows: 5 },
    ]) {
      await rejectsWith("INVALID_ARGUMENT", () => store.prune(request as object));
    }
    assert.equal((await storedProfiles(store)).length, 3);
  },
});
