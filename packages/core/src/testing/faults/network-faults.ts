/** Faults of the network: a connection that is cut in a result, or while a commit is answered, and one that swallows everything. */
import assert from "node:assert/strict";
import { isTelepoolError } from "../../errors.ts";
import { expectTrueCounts, failureOf, rejectsWith, storedProfiles } from "../conformance/expectations.ts";
import { sampleInput, sampleInputs } from "../conformance/sample-rows.ts";
import type { FaultCases } from "./fault-context.ts";

export const networkFaults: FaultCases = {
  "a connection cut in the middle of a result: the read is done again": async (context) => {
    const proxy = await context.newProxy();
    const store = context.newStore({ url: proxy.url, store: { pool: { max: 2 } } });
    await store.insertProfiles(sampleInputs(1000));
    for (const bytes of [10, 1000, 50_000]) {
      proxy.cutAfterBytes(bytes);
      assert.equal((await store.queryProfiles({}, { limit: 1000 })).items.length, 1000);
      proxy.cutAfterBytes(bytes / 10);
      assert.equal((await store.getProfile("profile-000007"))?.id, "profile-000007");
    }
    assert.ok(store.stats().destroyed >= 3);
  },

  "connections cut under load: what was lost is written again": async (context) => {
    const proxy = await context.newProxy();
    const { witness } = await context.newWitness({ url: proxy.url, store: { retryTimeoutMs: 60_000 } });
    let isOver = false;
    const loading = witness.load(200, () => isOver);
    for (let round = 1; round <= 10; round++) {
      await witness.reach(round * 400);
      proxy.cut();
    }
    isOver = true;
    await loading;
    assert.deepEqual(witness.codes, []);
    await witness.check(context.newStore());
  },

  "the answer to the commit of a single row is lost: its caller is told that it is stored": async (context) => {
    const proxy = await context.newProxy();
    const store = context.newStore({ url: proxy.url });
    await store.addProfile(sampleInput(0));
    proxy.cutAfter("profile-000001");
    assert.deepEqual(await store.addProfile(sampleInput(1)), { id: "profile-000001", duplicate: false });
    assert.equal(store.stats().destroyed, 1, "a connection was lost");
    assert.equal((await store.getSession("session-1"))?.profileCount, 2);
    assert.deepEqual(await store.addProfile(sampleInput(1)), { id: "profile-000001", duplicate: true });
  },

  "the answer to the commit of a batch is lost: each caller is told the truth": async (context) => {
    const proxy = await context.newProxy();
    const store = context.newStore({ url: proxy.url });
    await store.insertProfiles([sampleInput(3, { member: "before" })]);
    proxy.cutAfter(context.target.commitPattern);
    const outcomes = await Promise.all([...sampleInputs(6), sampleInput(5)].map((input) => store.addProfile(input)));
    assert.deepEqual(
      outcomes.map(({ duplicate }) => duplicate),
      [false, false, false, true, false, false, true],
    );
    assert.equal(store.stats().destroyed, 1, "a connection was lost");
    assert.equal((await store.getProfile("profile-000003"))?.member, "before");
    assert.equal((await storedProfiles(store)).length, 6);
    await expectTrueCounts(store);
    proxy.cutAfter(context.target.commitPattern);
    const other = sampleInput(4, { profile: { other: 1 } }); // known, and with another document only
    const more = [sampleInput(6), sampleInput(7), sampleInput(3), sampleInput(6), other];
    assert.deepEqual((await store.insertProfiles(more)).duplicates, [
      "profile-000003",
      "profile-000006",
      "profile-000004",
    ]);
    assert.equal(store.stats().destroyed, 2, "another one was lost");
    assert.equal((await storedProfiles(store)).length, 8);
    await expectTrueCounts(store);
  },

  "the answer to the commit of events is lost: each is stored once": async (context) => {
    const proxy = await context.newProxy();
    const store = context.newStore({ url: proxy.url });
    await store.open();
    proxy.cutAfter(context.target.commitPattern);
    const ids = ["event-a", "event-b", "event-c"];
    await Promise.all(ids.map((id) => store.recordEvent("click", { id }, null, { id })));
    assert.equal(store.stats().destroyed, 1, "a connection was lost");
    assert.deepEqual((await store.queryEvents()).items.map(({ id }) => id).sort(), ids);
    assert.equal(store.stats().queues.events.duplicates, 0);
  },

  "the answer to a commit is lost and the server stays away: only then is the outcome unknown": async (context) => {
    const proxy = await context.newProxy();
    const { store } = await context.newWitness({
      url: proxy.url,
      driver: { connectTimeoutMs: 1000 },
      store: { retryTimeoutMs: 1500, pool: { max: 2, acquireTimeoutMs: 1000 } },
    });
    await store.addProfile(sampleInput(0));
    proxy.cutAfter("profile-000001");
    proxy.refuse();
    const error = await rejectsWith("COMMIT_OUTCOME_UNKNOWN", () => store.addProfile(sampleInput(1)));
    assert.ok(error.cause instanceof Error);
    proxy.accept();
    const direct = context.newStore();
    assert.equal((await direct.getProfile("profile-000001"))?.id, "profile-000001");
    await store.close();
    const { created, destroyed } = store.stats();
    assert.equal(destroyed, created);
  },

  "the answer to the commit of a caller's own transaction is lost: it is told that nobody knows": async (context) => {
    const proxy = await context.newProxy();
    const store = context.newStore({ url: proxy.url });
    const db = await store.kysely();
    const row = { id: "event-own", event_type: "own", data: "{}", timestamp: 1, session: null };
    proxy.cutAfter("commit");
    await rejectsWith("COMMIT_OUTCOME_UNKNOWN", () =>
      db.transaction().execute((trx) => trx.insertInto("analytics").values(row).execute()),
    );
    assert.deepEqual(
      (await store.queryEvents()).items.map(({ id }) => id),
      ["event-own"],
    );
  },

  "a network that swallows everything: calls are told so in time, and succeed when it is mended": async (context) => {
    const proxy = await context.newProxy();
    const { store, witness } = await context.newWitness({
      url: proxy.url,
      driver: { connectTimeoutMs: 700, queryTimeoutMs: 700 },
      store: { retryTimeoutMs: 1200, pool: { max: 4, acquireTimeoutMs: 1000, validateTimeoutMs: 500 } },
    });
    await witness.write();
    proxy.blackhole();
    const reading = failureOf(() => store.queryProfiles());
    await witness.write();
    const error = await reading;
    assert.ok(isTelepoolError(error) && ["ACQUIRE_TIMEOUT", "CONNECTION_LOST"].includes(error.code), String(error));
    assert.equal(witness.acknowledged, 1);
    proxy.cut(); // what the black hole holds is gone
    proxy.restore();
    await witness.write();
    assert.equal(witness.acknowledged, 2);
    await witness.check(context.newStore());
  },
};
