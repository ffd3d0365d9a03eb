/** A store that is copied as it goes: when, what its status says, and what happens while the storage is away. */
import { expect, test } from "bun:test";
import type { ErrorCode } from "@telepool/core";
import { failure, openBench } from "../bucket/r2-fixture.ts";
import { INTERVAL_MS, openContinuousBench } from "./continuous-bench.ts";
import { keysWith, someProfiles } from "./copy-bench.ts";

test("what was stored is copied within an interval, and the status says how much waits for how long", async () => {
  await using bench = await openContinuousBench();
  const { store, sync, clock } = bench;
  expect(sync.status()).toMatchObject({ state: "idle", sequence: 0, pendingRows: 0, lagSeconds: 0 });
  await store.insertProfiles(someProfiles(5, "a"));
  await clock.advance(4000);
  await store.recordEvent("t");
  expect(sync.status()).toMatchObject({ state: "idle", sequence: 0, pendingRows: 6, lagSeconds: 4 });
  expect(await keysWith(bench, "/log/")).toEqual([]);
  await bench.interval();
  expect(await keysWith(bench, "/log/")).toHaveLength(1);
  expect(sync.status()).toMatchObject({
    state: "idle",
    sequence: 1,
    pendingRows: 0,
    lagSeconds: 0,
    lastError: null,
    progress: null,
    lastSyncAt: clock.wallMs() - 4000,
  });
  expect(store.stats().sync).toEqual(sync.status());
});

test("nothing is put while nothing changes", async () => {
  await using bench = await openContinuousBench({ summaryEveryMs: 0 });
  await bench.store.insertProfiles(someProfiles(1, "a"));
  await bench.interval();
  const before = bench.proxy.requests.length;
  for (let time = 0; time < 3; time++) await bench.interval();
  expect(bench.proxy.requests.length).toBe(before);
});

test("when enough has come for an object, it is copied before the interval is over", async () => {
  await using bench = await openContinuousBench({ maxBatchBytes: 2048 });
  await bench.store.insertProfiles(someProfiles(100, "a"));
  await bench.clock.waited(INTERVAL_MS, 2); // it has copied, and rests again, although no time has passed
  expect(bench.sync.status()).toMatchObject({ state: "idle", pendingRows: 0 });
  expect(await keysWith(bench, "/log/")).not.toEqual([]);
});

test("closing the store copies what is left", async () => {
  const bench = await openContinuousBench();
  await bench.store.insertProfiles(someProfiles(3, "a"));
  await bench.store.close();
  expect(await keysWith(bench, "/log/")).toHaveLength(1);
  expect(bench.sync.status()).toMatchObject({ state: "stopped", pendingRows: 0 });
  expect(bench.clock.pendingTimers).toBe(0);
  await failure(bench.sync.now(), "POOL_CLOSED");
  await bench[Symbol.asyncDispose]();
});

test("closing ends in time when the storage gives no answer", async () => {
  const bench = await openContinuousBench({ flushTimeoutMs: 3333 });
  bench.proxy.faults = () => ({ kind: "delay", ms: 0, clock: { setTimer: () => {} } });
  await bench.store.insertProfiles(someProfiles(3, "a"));
  const closed = bench.store.close();
  await bench.clock.waited(3333, 1);
  await bench.clock.advance(3333);
  await closed;
  expect(bench.sync.status()).toMatchObject({ state: "stopped", pendingRows: 6 });
  bench.proxy.faults = () => undefined;
  await bench[Symbol.asyncDispose]();
});

test("closing ends in time also when a copying is under way that gets no answer", async () => {
  const bench = await openContinuousBench({ flushTimeoutMs: 3333 });
  const asked = Promise.withResolvers<void>();
  bench.proxy.faults = () => {
    asked.resolve();
    return { kind: "delay", ms: 0, clock: { setTimer: () => {} } };
  };
  await bench.store.insertProfiles(someProfiles(3, "a"));
  await bench.clock.advance(INTERVAL_MS);
  await asked.promise;
  const closed = bench.store.close();
  await bench.clock.waited(3333, 1);
  await bench.clock.advance(3333);
  await closed;
  expect(bench.sync.status().state).toBe("stopped");
  bench.proxy.faults = () => undefined;
  await bench[Symbol.asyncDispose]();
});

test("while the storage is away the store goes on, attempts become rare, and then all is caught up with", async () => {
  await using bench = await openContinuousBench();
  const { store, sync, clock, proxy } = bench;
  proxy.down = true;
  await store.insertProfiles(someProfiles(3, "a"));
  await clock.advance(INTERVAL_MS);
  const pauses = [750, 1500, 3000, 6000, 12_000]; // three quarters, by the clock's jitter
  for (const [attempt, pauseMs] of pauses.entries()) {
    await clock.waited(pauseMs, 1);
    expect(sync.status()).toMatchObject({ state: "failing", lastError: { code: "STORAGE_UNREACHABLE" } });
    await store.insertProfiles(someProfiles(1, `attempt-${attempt}`));
    if (attempt < pauses.length - 1) await clock.advance(pauseMs);
  }
  expect(sync.status()).toMatchObject({ sequence: 0, pendingRows: 15 }); // sessions are changes, too, once they are counted
  expect(sync.status().lagSeconds).toBeGreaterThan(15);
  proxy.down = false;
  await clock.advance(12_000);
  await clock.waited(INTERVAL_MS, 2);
  expect(sync.status()).toMatchObject({ state: "idle", sequence: 1, pendingRows: 0, lagSeconds: 0, lastError: null });
  const failures = store.metrics().find(({ name }) => name === "telepool.sync.failures");
  expect(failures?.points).toEqual([{ attributes: { "error.type": "STORAGE_UNREACHABLE" }, value: 5 }]);
});

test("pauses grow to five minutes and no further", async () => {
  await using bench = await openContinuousBench();
  bench.proxy.down = true;
  await bench.store.insertProfiles(someProfiles(1, "a"));
  await bench.clock.advance(INTERVAL_MS);
  for (let pauseMs = 750; pauseMs < 225_000; pauseMs *= 2) {
    await bench.clock.waited(pauseMs, 1);
    await bench.clock.advance(pauseMs);
  }
  for (let time = 1; time <= 3; time++) {
    await bench.clock.waited(225_000, time);
    await bench.clock.advance(225_000);
  }
});

test("much that is stored while the storage is away makes no attempt earlier", async () => {
  await using bench = await openContinuousBench({ maxBatchBytes: 2048 });
  bench.proxy.down = true;
  await bench.store.insertProfiles(someProfiles(100, "a"));
  await bench.clock.waited(750, 1);
  const puts = () => bench.proxy.requests.filter(({ method }) => method === "PUT").length;
  const before = puts();
  for (let time = 0; time < 5; time++) await bench.store.insertProfiles(someProfiles(100, `more-${time}`));
  await failure(bench.bucket.head("round-trip"), "STORAGE_UNREACHABLE"); // an attempt would have come meanwhile
  expect([puts(), bench.clock.timers.includes(1500)]).toEqual([before, false]);
});

test.each([
  [403, "InvalidAccessKeyId", "CREDENTIALS_REFUSED"],
  [403, "AccessDenied", "PERMISSION_DENIED"],
  [404, "NoSuchBucket", "BUCKET_NOT_FOUND"],
] as const)("an answer %d %s is a failing sync with the code %s", async (status, code, expected) => {
  await using bench = await openContinuousBench();
  bench.proxy.faults = () => ({ kind: "answer", status, code });
  await bench.store.insertProfiles(someProfiles(1, "a"));
  await bench.clock.advance(INTERVAL_MS);
  await bench.clock.waited(750, 1);
  expect(bench.sync.status().lastError?.code).toBe(expected satisfies ErrorCode);
  bench.proxy.faults = () => undefined;
});

test("a storage that is away from the beginning keeps no store from opening", async () => {
  await using bench = await openBench();
  bench.proxy.down = true;
  await using away = await openContinuousBench({ at: bench, firstPauseMs: 750 });
  await away.store.insertProfiles(someProfiles(2, "a"));
  expect(away.sync.status()).toMatchObject({ state: "failing", source: null, pendingRows: 2 });
  bench.proxy.down = false;
  await away.clock.advance(750);
  await away.clock.waited(INTERVAL_MS, 1);
  expect(away.sync.status()).toMatchObject({ state: "idle", pendingRows: 0 });
});
