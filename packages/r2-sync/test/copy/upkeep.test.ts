/** What is done beside the log: checkpoints when they are due, retention, proofs, the summary, metrics. */
import { expect, test } from "bun:test";
import { loadDriver, TelemetryPool, TelepoolError } from "@telepool/core";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import type { R2SyncOptions } from "../../src/sync-options.ts";
import { type Bench, failure, openBench } from "../bucket/r2-fixture.ts";
import { INTERVAL_MS, openContinuousBench } from "./continuous-bench.ts";
import { emptyStore, keysWith, rowsOf, someProfiles, syncOptions } from "./copy-bench.ts";
import { HandClock } from "./hand-clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The storage's clock is the machine's, so this begins at its time; ours is moved on by hand. */
async function openAged(bench: Bench, options: Partial<R2SyncOptions>) {
  const clock = new HandClock({ startMs: Date.now() });
  const store = new TelemetryPool({ driver: await loadDriver("sqlite", { path: ":memory:" }), clock });
  const sync = new R2Sync({ ...syncOptions(bench), ...options });
  await sync.attach(store);
  let days = 0;
  return {
    clock,
    store,
    sync,
    archive: new R2Archive(bench.bucket, bench.prefix),
    /** Something is stored and copied, and then a day goes by. */
    async day(): Promise<number> {
      await store.insertProfiles(someProfiles(4, `day-${++days}`));
      const { sequence } = await sync.now();
      await clock.advance(DAY_MS);
      return sequence;
    },
    [Symbol.asyncDispose]: async () => {
      await sync[Symbol.asyncDispose]();
      await store.close();
    },
  };
}

test("a checkpoint is written when the last is old and something has changed since", async () => {
  await using bench = await openContinuousBench({ checkpointEveryMs: INTERVAL_MS * 2, summaryEveryMs: 0 });
  const checkpoints = async () => (await keysWith(bench, "/checkpoints/")).length;
  for (let time = 0; time < 3; time++) await bench.interval();
  expect(await checkpoints()).toBe(1); // nothing has changed
  await bench.store.insertProfiles(someProfiles(2, "a"));
  await bench.interval();
  expect(await checkpoints()).toBe(2);
  await bench.store.insertProfiles(someProfiles(2, "b"));
  await bench.interval();
  expect(await checkpoints()).toBe(2); // the last is not old
  expect(bench.sync.status().checkpoint).toMatchObject({ sequence: 1, rows: 4 });
});

test("a checkpoint is written when the log behind the last is long", async () => {
  await using bench = await openContinuousBench({ checkpointEveryObjects: 2, checkpointEveryMs: 0, summaryEveryMs: 0 });
  const after: number[] = [];
  for (let object = 1; object <= 4; object++) {
    await bench.store.insertProfiles(someProfiles(1, `object-${object}`));
    await bench.interval();
    after.push((await keysWith(bench, "/checkpoints/")).length);
  }
  expect(after).toEqual([1, 2, 2, 3]);
});

test("retention keeps every state of the time that is to be kept, and deletes what is older", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: 3 * DAY_MS, graceMs: DAY_MS });
  const states: { readonly sequence: number; readonly at: number; readonly rows: Map<string, bigint> }[] = [];
  for (let day = 1; day <= 9; day++) {
    const at = aged.clock.wallMs();
    const sequence = await aged.day();
    states.push({ sequence, at, rows: await rowsOf(aged.store) });
    if (day % 2 === 0) await aged.sync.checkpoint();
  }
  expect(await aged.archive.verify()).toMatchObject({ ok: true, findings: [], checkpoints: 3 });
  const kept = states.filter(({ at }) => at >= aged.clock.wallMs() - 3 * DAY_MS);
  expect(kept).toHaveLength(3);
  for (const { sequence, at, rows } of kept) {
    await using target = emptyStore();
    await aged.archive.restore(target, { to: { time: at } });
    expect(await rowsOf(target)).toEqual(rows);
    expect(sequence).toBeGreaterThan(0);
  }
  await using target = emptyStore();
  await failure(aged.archive.restore(target, { to: { sequence: 1 } }), "COPY_NOT_FOUND");
  const log = await keysWith(bench, "/log/");
  expect(log.length).toBeLessThan(8);
});

test("everything is kept for ever when that is wanted", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: Number.POSITIVE_INFINITY, graceMs: 0 });
  for (let day = 1; day <= 4; day++) {
    await aged.day();
    await aged.sync.checkpoint();
  }
  expect([(await keysWith(bench, "/checkpoints/")).length, (await keysWith(bench, "/log/")).length]).toEqual([5, 3]);
});

test("a restore that was planned before ends although retention deletes meanwhile", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: DAY_MS, graceMs: DAY_MS });
  for (let day = 1; day <= 3; day++) await aged.day();
  await aged.sync.checkpoint();
  const wanted = await rowsOf(aged.store);
  await aged.day();
  const arrived = Promise.withResolvers<() => void>();
  bench.proxy.faults = ({ method, key }) => {
    if (method !== "GET" || !key.includes("/data/")) return undefined;
    bench.proxy.faults = () => undefined;
    return { kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } };
  };
  await using target = emptyStore();
  const restoring = aged.archive.restore(target, { to: { sequence: 2 } });
  const goOn = await arrived.promise;
  await aged.clock.advance(DAY_MS); // as long as the grace
  await aged.sync.checkpoint(); // which deletes the first checkpoint, and not the one that is being read
  expect((await keysWith(bench, "/checkpoints/")).length).toBe(2);
  goOn();
  await restoring;
  expect(await rowsOf(target)).toEqual(wanted);
});

test("what retention deletes while a copy is verified is no finding", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: DAY_MS, graceMs: DAY_MS });
  for (let day = 1; day <= 3; day++) await aged.day();
  await aged.sync.checkpoint();
  for (let day = 4; day <= 6; day++) await aged.day();
  const arrived = Promise.withResolvers<() => void>();
  bench.proxy.faults = ({ method, key }) => {
    if (method !== "GET" || !key.includes("/data/")) return undefined;
    bench.proxy.faults = () => undefined;
    return { kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } };
  };
  const verifying = aged.archive.verify();
  const goOn = await arrived.promise;
  const before = (await keysWith(bench, "/log/")).length;
  await aged.sync.checkpoint();
  expect((await keysWith(bench, "/log/")).length).toBeLessThan(before);
  goOn();
  expect(await verifying).toMatchObject({ ok: true, findings: [] });
});

test("parts of a checkpoint that nobody finishes go when the grace is over", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: 30 * DAY_MS, graceMs: DAY_MS });
  const { source } = await aged.sync.now();
  const orphan = `${bench.prefix}v1/${source}/data/00000000000000000000-abcdef/profiles/day=2026-01-01/part-000001-abcdef.parquet`;
  await bench.bucket.put(orphan, new Uint8Array([1]));
  await aged.sync.checkpoint();
  expect(await keysWith(bench, "abcdef")).toEqual([orphan]);
  await aged.clock.advance(2 * DAY_MS);
  await aged.sync.checkpoint();
  expect(await keysWith(bench, "abcdef")).toEqual([]);
});

test("nothing is deleted when the checkpoint that would be the oldest is damaged", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, { keepMs: DAY_MS, graceMs: 0 });
  await aged.day();
  await aged.sync.checkpoint();
  const [part = ""] = (await keysWith(bench, "/profiles/")).slice(-1);
  await bench.bucket.put(part, new Uint8Array([1]));
  await aged.clock.advance(3 * DAY_MS);
  await aged.day();
  const before = await keysWith(bench, "/log/");
  const { message } = await failure(aged.sync.checkpoint(), "COPY_DAMAGED");
  expect([message, await keysWith(bench, "/log/")]).toEqual([expect.stringContaining(part), before]);
});

test("a proof says that the copy came back, and the next process knows it", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, {});
  await aged.day();
  const at = aged.clock.wallMs();
  const proof = await aged.sync.prove();
  expect(proof).toMatchObject({ ok: true, at, rows: 7, message: "restored, and the same row for row" });
  expect(aged.sync.status().proof).toEqual(proof);
  await using next = new R2Sync(syncOptions(bench));
  await next.attach(aged.store);
  await next.now();
  expect(next.status().proof).toEqual(proof);
});

test("a proof of a damaged copy says what is damaged", async () => {
  await using bench = await openBench();
  await using aged = await openAged(bench, {});
  await aged.day();
  const sequence = await aged.day();
  const key = (await keysWith(bench, "/log/"))[sequence - 1] ?? "";
  const found = await bench.bucket.get(key);
  await bench.bucket.put(key, new Uint8Array([1, 2, 3]), { metadata: found?.metadata ?? {} });
  const proof = await aged.sync.prove();
  expect([proof.ok, proof.message]).toEqual([false, expect.stringContaining(key)]);
  expect(aged.store.stats().sync?.proof ?? aged.sync.status().proof).toEqual(proof);
});

test("a copy is proven when it is time, and an attempt that failed is not made again at once", async () => {
  let attempts = 0;
  const attempted = Promise.withResolvers<void>();
  await using bench = await openContinuousBench({
    proofEveryMs: INTERVAL_MS * 4,
    scratch: () => {
      attempts++;
      attempted.resolve();
      throw new TelepoolError("STORAGE_FULL", "the disk is full");
    },
  });
  for (let time = 0; time < 4; time++) await bench.interval();
  await attempted.promise;
  for (let time = 0; time < 3; time++) {
    await bench.interval();
    for (let look = 0; look < 2; look++) await bench.sync.verify("get"); // another attempt would have come so far
  }
  expect(attempts).toBe(1);
});

test("the summary says when, how much and how the pool does, and is not written more often than it may be", async () => {
  await using bench = await openContinuousBench({ summaryEveryMs: INTERVAL_MS * 2 });
  const { store, clock, proxy } = bench;
  const summaries = () =>
    proxy.requests.filter(({ method, key }) => method === "PUT" && key.endsWith("telemetry-pool.json"));
  const before = summaries().length;
  for (let time = 0; time < 4; time++) {
    await store.insertProfiles(someProfiles(3, `time-${time}`));
    await store.recordEvent("t");
    await bench.interval();
  }
  expect(summaries().length - before).toBe(2);
  await bench.sync.now();
  const content = (await bench.bucket.get(`${bench.prefix}telemetry-pool.json`))?.content;
  expect(JSON.parse(new TextDecoder().decode(content))).toMatchObject({
    timestamp: new Date(clock.wallMs()).toISOString(),
    profiles: 12,
    sessions: 12,
    events: 4,
    poolStats: { poolSize: expect.any(Number), hitRate: expect.any(String) },
    sync: { state: "idle", sequence: 4 },
  });
});

test("all that is measured is in the store's metrics", async () => {
  await using bench = await openContinuousBench();
  await bench.store.insertProfiles(someProfiles(3, "a"));
  await bench.interval();
  await bench.sync.prove();
  const families = bench.store.metrics().filter(({ name }) => name.startsWith("telepool.sync."));
  const values = Object.fromEntries(families.map(({ name, points }) => [name, points.map((point) => point)]));
  const nowS = bench.clock.wallMs() / 1000;
  expect(values).toMatchObject({
    "telepool.sync.pending": [{ value: 0 }],
    "telepool.sync.lag": [{ value: 0 }],
    "telepool.sync.sequence": [{ value: 1 }],
    "telepool.sync.objects": [{ value: expect.any(Number) }],
    "telepool.sync.io": [{ value: expect.any(Number) }],
    "telepool.sync.requests": [
      { attributes: { class: "A" }, value: expect.any(Number) },
      { attributes: { class: "B" }, value: expect.any(Number) },
    ],
    "telepool.sync.failures": [],
    "telepool.sync.last_success.time": [{ value: nowS }],
    "telepool.sync.checkpoint.time": [{ value: expect.any(Number) }],
    "telepool.sync.proof.time": [{ value: nowS }],
    "telepool.sync.proof.ok": [{ value: 1 }],
  });
});
