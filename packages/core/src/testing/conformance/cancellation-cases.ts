/** A caller that gives up is released at once, leaves nothing behind, and harms nobody. */
import assert from "node:assert/strict";
import type { TelemetryPool } from "../../telemetry-pool.ts";
import { overrideConnection, wrapConnections } from "../wrap-driver.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectTrueCounts, rejectsWith, storedProfiles } from "./expectations.ts";
import { remote, sampleEventInput, sampleEventInputs, sampleInput, sampleInputs } from "./sample-rows.ts";

type Call = (store: TelemetryPool, signal: AbortSignal) => Promise<unknown>;

const READS: Readonly<Record<string, Call>> = {
  getProfile: (store, signal) => store.getProfile("profile-000001", { signal }),
  queryProfiles: (store, signal) => store.queryProfiles({}, {}, { signal }),
  "queryProfiles, a long page": (store, signal) => store.queryProfiles({}, { limit: 1000 }, { signal }),
  profiles: (store, signal) => store.profiles({}, { signal }).next(),
  querySessions: (store, signal) => store.querySessions("*", {}, { signal }),
  getSession: (store, signal) => store.getSession("session-1", { signal }),
  queryEvents: (store, signal) => store.queryEvents({}, {}, { signal }),
  aggregate: (store, signal) => store.aggregate({ metric: "latency" }, { signal }),
};

const WRITES: Readonly<Record<string, Call>> = {
  insertProfile: (store, signal) => store.insertProfile("s", {}, "m", "d", { signal }),
  addProfile: (store, signal) => store.addProfile(sampleInput(7), { signal }),
  insertProfiles: (store, signal) => store.insertProfiles(sampleInputs(3), { signal }),
  "insertProfiles, many": (store, signal) => store.insertProfiles(sampleInputs(1500), { signal }),
  importProfiles: (store, signal) => store.importProfiles(sampleInputs(3), { signal }),
  recordEvent: (store, signal) => store.recordEvent("click", {}, null, { signal }),
  addEvent: (store, signal) => store.addEvent(sampleEventInput(7), { signal }),
  insertEvents: (store, signal) => store.insertEvents(sampleEventInputs(3), { signal }),
  importEvents: (store, signal) => store.importEvents(sampleEventInputs(3), { signal }),
  prune: (store, signal) => store.prune({ maxRows: 0, signal }),
};

/** Expects the store to be as it was before its callers gave up. */
async function expectUnharmed(store: TelemetryPool): Promise<void> {
  assert.deepEqual(
    (await storedProfiles(store)).map(({ id }) => id),
    ["profile-000001"],
  );
  assert.equal((await store.getProfile("profile-000001"))?.id, "profile-000001");
  assert.equal((await store.getSession("session-1"))?.profileCount, 1);
  assert.equal((await store.queryEvents()).items.length, 1);
  const { waiting, queues } = store.stats();
  assert.deepEqual(
    [waiting, queues.profiles.queuedRows, queues.profiles.queuedBytes, queues.profiles.waiting],
    [0, 0, 0, 0],
  );
  await store.close();
  assert.equal(store.stats().poolSize, 0);
}

async function withOneRow(store: TelemetryPool): Promise<TelemetryPool> {
  await store.addProfile(sampleInput(1));
  await store.recordEvent("click", {}, null, { id: "event-1" });
  return store;
}

export const cancellationCases: readonly ConformanceCase[] = casesOf("cancellation", {
  "a call whose signal has fired before does nothing": async ({ newStore }) => {
    const store = await withOneRow(newStore());
    for (const call of [...Object.values(READS), ...Object.values(WRITES)]) {
      const error = await rejectsWith("ABORTED", () => call(store, AbortSignal.abort("the reason")));
      assert.equal(error.cause, "the reason");
    }
    await expectUnharmed(store);
  },

  "a read that is aborted under way is released, and its connection is kept": async ({ driver, newStore }) => {
    const store = await withOneRow(newStore({ driver: remote(driver) }));
    for (const call of Object.values(READS)) {
      const controller = new AbortController();
      const calling = call(store, controller.signal);
      controller.abort("the reason");
      assert.equal((await rejectsWith("ABORTED", () => calling)).cause, "the reason");
    }
    await expectUnharmed(store);
  },

  "a row that waits for its batch can be withdrawn": async ({ newStore }) => {
    const store = await withOneRow(newStore());
    const controller = new AbortController();
    const { signal } = controller;
    const adding = [
      store.addProfile(sampleInput(2), { signal }),
      store.insertProfile("other", {}, "m", "d", { signal }),
      store.recordEvent("click", {}, null, { signal }),
    ];
    controller.abort();
    for (const added of adding) await rejectsWith("ABORTED", () => added);
    await store.flush();
    await expectUnharmed(store);
  },

  "a caller that gives up does not take others with it": async ({ driver, newStore }) => {
    const store = newStore({ driver: remote(driver) });
    const controller = new AbortController();
    const { signal } = controller;
    const adding = sampleInputs(20).map((input, n) => store.addProfile(input, n % 2 === 0 ? { signal } : {}));
    controller.abort();
    const outcomes = await Promise.allSettled(adding);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      outcomes.map((_, n) => (n % 2 === 0 ? "rejected" : "fulfilled")),
    );
    const reading = new AbortController();
    const lookups = [
      store.getProfile("profile-000001", { signal: reading.signal }),
      store.getProfile("profile-000001"),
      store.getProfile("profile-000003"),
    ];
    reading.abort();
    const found = await Promise.allSettled(lookups);
    assert.deepEqual(
      found.map(({ status }) => status),
      ["rejected", "fulfilled", "fulfilled"],
    );
    assert.equal((await storedProfiles(store)).length, 10);
    await expectTrueCounts(store);
  },

  "insertProfiles that is aborted in the middle stores nothing": async ({ driver, newStore }) => {
    const controller = new AbortController();
    let writes = 0;
    const aborting = wrapConnections(driver, (connection) =>
      overrideConnection(connection, {
        writeProfiles: async (rows) => {
          if (++writes === 2) controller.abort();
          return await connection.writeProfiles(rows);
        },
      }),
    );
    const store = newStore({ driver: aborting });
    await rejectsWith("ABORTED", () => store.insertProfiles(sampleInputs(2500), { signal: controller.signal }));
    assert.equal(writes, 2);
    assert.deepEqual(await storedProfiles(store), []);
    await store.insertProfiles(sampleInputs(2));
    await expectTrueCounts(store);
  },

  "an import that is aborted keeps what it has committed, and its counts are true": async ({ newStore }) => {
    const controller = new AbortController();
    const store = newStore();
    const { signal } = controller;
    const onProgress = () => controller.abort();
    await rejectsWith("ABORTED", () => store.importProfiles(sampleInputs(3000), { signal, onProgress }));
    assert.equal((await storedProfiles(store)).length, 1000);
    await expectTrueCounts(store);
  },

  "pruning that is aborted ends between two steps, and its counts are true": async ({ newStore }) => {
    const store = newStore();
    const inputs = sampleInputs(2000).map((input, n) => ({ ...input, session: `session-${n % 7}` }));
    await store.insertProfiles(inputs);
    const controller = new AbortController();
    await rejectsWith("ABORTED", () =>
      store.prune({ maxRows: 0, signal: controller.signal, onProgress: () => controller.abort() }),
    );
    const left = (await storedProfiles(store)).length;
    assert.ok(left > 0 && left < 2000, `${left} rows are left`);
    await expectTrueCounts(store);
  },
});
