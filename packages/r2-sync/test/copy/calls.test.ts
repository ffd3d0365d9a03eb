/** The calls of a sync: what they join, what ends them, and what they refuse. */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { failure } from "../bucket/r2-fixture.ts";
import { openContinuousBench } from "./continuous-bench.ts";
import { emptyStore, keysWith, openCopyBench, rowsOf, someProfiles } from "./copy-bench.ts";

/** An answer that never comes. */
const SILENCE = { kind: "delay", ms: 0, clock: { setTimer: () => {} } } as const;

test("calls at the same time get their turns, and put each change once", async () => {
  await using bench = await openCopyBench();
  await bench.sync.now();
  await bench.store.insertProfiles(someProfiles(10, "a"));
  const results = await Promise.all([bench.sync.now(), bench.sync.now(), bench.sync.now()]);
  expect(results.map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
  expect(await keysWith(bench, "/log/")).toHaveLength(1);
});

test("a call says what it has put", async () => {
  await using bench = await openCopyBench();
  await bench.sync.now();
  await bench.store.insertProfiles(someProfiles(10, "a"));
  await bench.store.recordEvent("t");
  await bench.store.prune({ maxRows: 9, only: "profiles" });
  const progress: unknown[] = [];
  const result = await bench.sync.now({ onProgress: (seen) => progress.push(seen) });
  expect(result).toMatchObject({
    sequence: 1,
    objects: 1,
    rows: { profiles: 9, events: 1, sessions: 3, deleted: 1 },
  });
  expect(progress).toEqual([{ phase: "log", rows: expect.any(Number), totalRows: expect.any(Number) }]);
});

test("a summary that cannot be written is told, and fails no copying", async () => {
  await using bench = await openCopyBench();
  await bench.sync.now();
  await bench.store.insertProfiles(someProfiles(3, "a"));
  bench.proxy.faults = ({ key }) => {
    return key.endsWith("telemetry-pool.json") ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
  };
  await using other = new R2Sync(bench.options); // it has written no summary within a second
  await other.attach(bench.store);
  expect((await other.now()).sequence).toBe(1);
  expect(other.status()).toMatchObject({ state: "idle", lastError: { code: "PERMISSION_DENIED" } });
});

test("a call that was aborted before sends nothing", async () => {
  await using bench = await openCopyBench();
  await failure(bench.sync.now({ signal: AbortSignal.abort() }), "ABORTED");
  expect(await keysWith(bench, "/log/")).toEqual([]);
});

test("a signal ends a call whose object gets no answer, and the next call copies all of it", async () => {
  await using bench = await openCopyBench();
  const { sync, store, proxy } = bench;
  await sync.now();
  await store.insertProfiles(someProfiles(3, "a"));
  const controller = new AbortController();
  proxy.faults = () => {
    controller.abort(new Error("enough"));
    return SILENCE;
  };
  const error = await failure(sync.now({ signal: controller.signal }), "ABORTED");
  expect(error.cause).toEqual(new Error("enough"));
  expect(sync.status()).toMatchObject({ state: "idle", lastError: null });
  proxy.faults = () => undefined;
  expect(await sync.now()).toMatchObject({ sequence: 1 });
});

test("a signal ends the waiting for a first checkpoint, which goes on", async () => {
  await using bench = await openCopyBench();
  await bench.store.insertProfiles(someProfiles(3, "a"));
  const controller = new AbortController();
  const arrived = Promise.withResolvers<() => void>();
  bench.proxy.faults = ({ key }) => {
    if (!key.includes("/profiles/")) return undefined;
    return { kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } };
  };
  const aborted = failure(bench.sync.now({ signal: controller.signal }), "ABORTED");
  const goOn = await arrived.promise;
  controller.abort();
  await aborted;
  bench.proxy.faults = () => undefined;
  goOn();
  await bench.sync.now();
  expect(await keysWith(bench, "/checkpoints/")).toHaveLength(1);
});

test("a call that is aborted while the copy begins ends no other call", async () => {
  await using bench = await openCopyBench();
  const controller = new AbortController();
  const arrived = Promise.withResolvers<() => void>();
  bench.proxy.faults = () => ({ kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } });
  const aborted = failure(bench.sync.now({ signal: controller.signal }), "ABORTED");
  const other = bench.sync.now();
  const goOn = await arrived.promise;
  bench.proxy.faults = () => undefined;
  controller.abort();
  await aborted;
  goOn();
  expect((await other).sequence).toBe(0);
});

test("without a store nothing can be copied, and a sync takes only one store", async () => {
  await using bench = await openCopyBench();
  await using sync = new R2Sync(bench.options);
  const { message } = await failure(sync.now(), "INVALID_ARGUMENT");
  expect(message).toContain("no store");
  expect(sync.status()).toMatchObject({ state: "off", source: null });
  await using other = emptyStore();
  await failure(bench.sync.attach(other), "INVALID_ARGUMENT");
  await failure(other.syncToR2(), "NOT_SUPPORTED");
});

test("the store's own method copies, and after its end nothing is copied any more", async () => {
  await using bench = await openCopyBench();
  const sync = new R2Sync({ ...bench.options, prefix: `${bench.prefix}own` });
  const store = createPool("sqlite", { path: ":memory:", sync });
  await store.insertProfiles(someProfiles(2, "a"));
  expect(await store.syncToR2()).toMatchObject({ sequence: 0, objects: 3 }); // the parts of its checkpoint
  await store.close();
  for (const call of [sync.now(), sync.verify(), sync.prove(), sync.checkpoint(), sync.beginAnew()]) {
    await failure(call, "POOL_CLOSED");
  }
});

test("a new copy can be begun while a checkpoint of the old one is being written", async () => {
  await using bench = await openContinuousBench();
  const { store, sync, proxy } = bench;
  const first = sync.status().source;
  await store.insertProfiles(someProfiles(3, "a"));
  const arrived = Promise.withResolvers<() => void>();
  proxy.faults = ({ key }) => {
    if (!key.includes("/profiles/")) return undefined;
    proxy.faults = () => undefined;
    return { kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } };
  };
  const checkpoint = sync.checkpoint();
  const goOn = await arrived.promise;
  const anew = sync.beginAnew();
  goOn();
  await checkpoint;
  const { source } = await anew;
  expect(source).not.toBe(first ?? "");
  const archive = new R2Archive(bench.bucket, bench.prefix);
  await using target = emptyStore();
  await archive.restore(target, { source });
  expect(await rowsOf(target)).toEqual(await rowsOf(store));
  await bench.interval();
  expect(sync.status()).toMatchObject({ state: "idle", source });
});

test("no secret is in what is shown of a sync", async () => {
  await using bench = await openContinuousBench();
  const { accessKeyId, secretAccessKey } = bench.server.credentials;
  await bench.store.insertProfiles(someProfiles(3, "a"));
  bench.proxy.faults = () => ({ kind: "answer", status: 403, code: "SignatureDoesNotMatch" });
  const error = await failure(bench.sync.now(), "CREDENTIALS_REFUSED");
  const shown = [
    Bun.inspect(bench.sync, { depth: 20 }),
    JSON.stringify(bench.sync),
    JSON.stringify(bench.sync.status()),
    JSON.stringify(bench.store.metrics()),
    Bun.inspect(bench.store, { depth: 20 }),
    JSON.stringify(error),
    error.message,
    Bun.inspect(error, { depth: 20 }),
  ].join("\n");
  bench.proxy.faults = () => undefined;
  expect([shown.includes(secretAccessKey), shown.includes(accessKeyId)]).toEqual([false, false]);
});
