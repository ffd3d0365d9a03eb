/** Many callers, few transactions: each caller hears of its own row. */
import assert from "node:assert/strict";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectTrueCounts, rejectsWith, storedProfiles } from "./expectations.ts";
import { REFUSED, refusing, remote, sampleInput, sampleInputs } from "./sample-rows.ts";

export const queueCases: readonly ConformanceCase[] = casesOf("queues", {
  "a thousand inserts at once become few batches, and all are stored": async ({ newStore }) => {
    const store = newStore();
    await store.open();
    const ids = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => store.insertProfile(`session-${n % 3}`, { n }, "nolarose", "spec.md")),
    );
    assert.equal(new Set(ids).size, 1000);
    const { batches, rows } = store.stats().queues.profiles;
    assert.equal(rows, 1000);
    assert.ok(batches <= 10, `1000 rows took ${batches} batches`);
    assert.deepEqual((await storedProfiles(store)).map(({ id }) => id).sort(), ids.toSorted());
    await expectTrueCounts(store);
  },

  "a caller that goes alone has batches of one row": async ({ newStore }) => {
    const store = newStore();
    for (const input of sampleInputs(5)) await store.addProfile(input);
    const { batches, rows, meanBatchRows } = store.stats().queues.profiles;
    assert.deepEqual({ batches, rows, meanBatchRows }, { batches: 5, rows: 5, meanBatchRows: 1 });
  },

  "bad rows are rejected alone": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const isBad = (n: number) => n === 0 || n === 41 || n === 42 || n === 99;
    const outcomes = await Promise.allSettled(
      sampleInputs(100).map((input, n) => store.addProfile(isBad(n) ? { ...input, document: REFUSED } : input)),
    );
    for (const [n, outcome] of outcomes.entries()) {
      assert.equal(outcome.status, isBad(n) ? "rejected" : "fulfilled", `row ${n}`);
      if (outcome.status === "rejected") await rejectsWith("CONSTRAINT_VIOLATED", () => Promise.reject(outcome.reason));
    }
    assert.equal((await storedProfiles(store)).length, 96);
    await expectTrueCounts(store);
    const events = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => store.recordEvent(n === 4 ? REFUSED : "click", { n })),
    );
    assert.equal(events.filter(({ status }) => status === "rejected").length, 1);
    assert.equal((await store.queryEvents()).items.length, 9);
  },

  "a row whose id is stored before changes nothing, and its caller is told": async ({ newStore }) => {
    const store = newStore();
    const first = await store.addProfile(sampleInput(1));
    const again = await store.addProfile(sampleInput(1, { member: "other", session: "other", profile: { other: 1 } }));
    assert.deepEqual(
      [first, again],
      [
        { id: "profile-000001", duplicate: false },
        { id: "profile-000001", duplicate: true },
      ],
    );
    assert.deepEqual(await storedProfiles(store), [sampleInput(1)]);
    assert.equal((await store.getSession("session-1"))?.profileCount, 1);
    assert.equal(await store.getSession("other"), undefined);
  },

  "of equal ids in one batch the first is stored, and the others are duplicates": async ({ newStore }) => {
    const store = newStore();
    await store.open();
    const outcomes = await Promise.all([
      store.addProfile(sampleInput(1, { member: "first" })),
      store.addProfile(sampleInput(2)),
      store.addProfile(sampleInput(1, { member: "second" })),
      store.addProfile(sampleInput(1, { member: "third", session: "another" })),
    ]);
    assert.deepEqual(
      outcomes.map(({ duplicate }) => duplicate),
      [false, false, true, true],
    );
    assert.equal((await store.getProfile("profile-000001"))?.member, "first");
    await expectTrueCounts(store);
    assert.equal(store.stats().queues.profiles.duplicates, 2);
  },

  "events with the same id are stored once": async ({ newStore }) => {
    const store = newStore();
    await Promise.all([1, 2, 3].map((n) => store.recordEvent("click", { n }, null, { id: "one" })));
    await store.recordEvent("click", { n: 4 }, null, { id: "one" });
    assert.deepEqual(
      (await store.queryEvents()).items.map(({ data }) => data),
      [{ n: 1 }],
    );
    assert.equal(store.stats().queues.events.duplicates, 3);
  },

  "flush waits for every write that was begun before": async ({ newStore }) => {
    const store = newStore();
    let settled = 0;
    const count = () => {
      settled++;
    };
    const writing = sampleInputs(50).flatMap((input) => [
      store.addProfile(input).then(count),
      store.recordEvent("click").then(count),
    ]);
    await store.flush();
    assert.equal(settled, 100);
    await Promise.all(writing);
    await store.flush();
  },

  "close writes what is queued": async ({ newStore, reopen }) => {
    const store = newStore();
    const writing = sampleInputs(300).map((input) => store.addProfile(input));
    const recording = [store.recordEvent("click"), store.recordEvent("click")];
    await store.close();
    await Promise.all([...writing, ...recording]);
    const again = newStore({ driver: reopen() });
    assert.equal((await storedProfiles(again)).length, 300);
    assert.equal((await again.queryEvents()).items.length, 2);
    await expectTrueCounts(again);
  },

  "calls that were accepted before close are answered, also when nothing is open yet": async ({ newStore }) => {
    const recording = newStore();
    const event = recording.recordEvent("click", {}, null, { id: "event-1" });
    await recording.close();
    assert.equal(await event, "event-1");
    const reading = newStore();
    const found = Array.from({ length: 1200 }, (_, n) => reading.getProfile(`profile-${n}`));
    await reading.close();
    assert.deepEqual(new Set(await Promise.all(found)), new Set([undefined]));
  },

  "a full queue makes callers wait, and loses nobody": async ({ newStore }) => {
    const store = newStore({ writeQueue: { maxQueueRows: 10, maxBatchRows: 4 } });
    await Promise.all(sampleInputs(200).map((input) => store.addProfile(input)));
    assert.equal((await storedProfiles(store)).length, 200);
    await expectTrueCounts(store);
  },

  "a full queue refuses a caller that will not wait, and says which limit was reached": async ({ newStore }) => {
    const store = newStore({ writeQueue: { maxQueueRows: 10 } });
    await store.open();
    const outcomes = await Promise.allSettled(
      sampleInputs(25).map((input) => store.addProfile(input, { wait: false })),
    );
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.equal(refused.length, 15);
    for (const { reason } of refused) {
      const error = await rejectsWith("QUEUE_FULL", () => Promise.reject(reason));
      assert.match(error.message, /maxQueueRows=10/);
    }
    assert.equal((await storedProfiles(store)).length, 10);
    await expectTrueCounts(store);
  },

  "a thousand lookups at once are each answered with their own row": async ({ driver, newStore }) => {
    const store = newStore({ driver: remote(driver) });
    await store.insertProfiles(sampleInputs(300));
    const wanted = Array.from({ length: 1000 }, (_, n) => `profile-${String((n * 7919) % 400).padStart(6, "0")}`);
    const expected = wanted.map((id) => (id < "profile-000300" ? id : undefined));
    const found = await Promise.all(wanted.map((id) => store.getProfile(id)));
    assert.deepEqual(
      found.map((profile) => profile?.id),
      expected,
    );
    const { batches } = store.stats().queues.lookups;
    assert.ok(batches <= 10, `1000 lookups took ${batches} batches`);
  },

  "a thousand lookups of a driver as it is are each answered with their own row": async ({ newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(300));
    const wanted = Array.from({ length: 1000 }, (_, n) => `profile-${String((n * 7919) % 400).padStart(6, "0")}`);
    const found = await Promise.all(wanted.map((id) => store.getProfile(id)));
    assert.deepEqual(
      found.map((profile) => profile?.id),
      wanted.map((id) => (id < "profile-000300" ? id : undefined)),
    );
    assert.equal(store.stats().queues.lookups.waiting, 0);
  },
});
