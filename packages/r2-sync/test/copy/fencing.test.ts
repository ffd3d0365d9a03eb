/** One database has one copy: what happens when two processes copy it, and when there are two databases. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, newId, type TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { sql } from "kysely";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { type Bench, failure, openBench } from "../bucket/r2-fixture.ts";
import { INTERVAL_MS, openContinuousBench } from "./continuous-bench.ts";
import { emptyStore, keysWith, rowsOf, someProfiles, syncOptions } from "./copy-bench.ts";

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-fencing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function newPath(): string {
  return join(folder, `${++files}.db`);
}

/** A database with a sync that copies when it is told to. */
async function openDatabase(bench: Bench, path: string, prefix: string = bench.prefix) {
  const sync = new R2Sync({ ...syncOptions(bench), prefix });
  const store = createPool("sqlite", { path, sync });
  await store.open();
  return { store, sync, [Symbol.asyncDispose]: () => store.close() };
}

/** Copies the file of a database that is open, as a backup program does. */
async function backUp(store: TelemetryPool, from: string): Promise<string> {
  await sql`pragma wal_checkpoint(truncate)`.execute(await store.kysely());
  const to = newPath();
  await copyFile(from, to);
  return to;
}

async function expectRestored(bench: Bench, store: TelemetryPool, source?: string): Promise<void> {
  await using target = emptyStore();
  await new R2Archive(bench.bucket, bench.prefix).restore(target, { source });
  expect(await rowsOf(target)).toEqual(await rowsOf(store));
}

test("of two that copy one database one waits, and takes over at once when the other stops", async () => {
  await using bench = await openBench();
  const path = newPath();
  const first = await openContinuousBench({ at: bench, path });
  await using second = await openContinuousBench({ at: bench, path });
  expect([first.sync.status().state, second.sync.status().state]).toEqual(["idle", "held"]);
  await second.store.insertProfiles(someProfiles(3, "a"));
  await second.interval();
  expect(second.sync.status()).toMatchObject({ state: "held", sequence: 0, pendingRows: 6 }); // with their sessions
  await first.interval();
  expect(await keysWith(bench, "/log/")).toHaveLength(1);
  await first[Symbol.asyncDispose]();
  await second.store.insertProfiles(someProfiles(3, "b"));
  await second.interval();
  expect(second.sync.status()).toMatchObject({ state: "idle", sequence: 2, pendingRows: 0 });
  await expectRestored(bench, second.store);
});

test("one that died is replaced when its time is over", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using first = await openContinuousBench({ at: bench, path });
  await using second = await openContinuousBench({ at: bench, path });
  await second.store.insertProfiles(someProfiles(3, "a"));
  await second.clock.advance(60_000 + INTERVAL_MS); // the first moves no clock: it is as if it were gone
  await second.clock.advance(INTERVAL_MS);
  await second.interval();
  expect(second.sync.status().state).toBe("idle");
  await first.interval();
  expect(first.sync.status().state).toBe("held");
  await expectRestored(bench, second.store);
});

test("much that is stored by one that waits does not wake it all the time", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using first = await openContinuousBench({ at: bench, path });
  await using second = await openContinuousBench({ at: bench, path, maxBatchBytes: 2048 });
  expect(first.sync.status().state).toBe("idle");
  await second.store.insertProfiles(someProfiles(100, "a"));
  await second.clock.waited(INTERVAL_MS, 2);
  for (let time = 0; time < 10; time++) await second.store.recordEvent("small");
  expect(second.clock.timers.filter((ms) => ms === INTERVAL_MS)).toHaveLength(2);
});

test("two that copy at the same time, by their calls, put every change once", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using first = await openDatabase(bench, path);
  await using second = await openDatabase(bench, path);
  await first.store.insertProfiles(someProfiles(50, "before"));
  for (let round = 0; round < 6; round++) {
    await Promise.all([
      first.store.insertProfiles(someProfiles(5, `first-${round}`)),
      second.store.insertProfiles(someProfiles(5, `second-${round}`)),
      first.sync.now(),
      second.sync.now(),
    ]);
  }
  await first.sync.now();
  await expectRestored(bench, first.store);
  expect(await second.sync.verify("database")).toMatchObject({ ok: true, findings: [] });
});

test("a copy of the database's file is fenced when the database has gone on, and the database goes on", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using original = await openDatabase(bench, path);
  await original.store.insertProfiles(someProfiles(3, "a"));
  await original.sync.now();
  await original.store.insertProfiles(someProfiles(3, "b"));
  await original.sync.now();
  await using twin = await openDatabase(bench, await backUp(original.store, path));
  await original.store.insertProfiles(someProfiles(3, "original"));
  await twin.store.insertProfiles(someProfiles(3, "twin"));
  await original.sync.now();
  const error = await failure(twin.sync.now(), "COPY_FENCED");
  expect([error.field, error.message]).toEqual(["sync.prefix", expect.stringContaining("--new-copy")]);
  expect(twin.sync.status()).toMatchObject({ state: "failing", lastError: { code: "COPY_FENCED" } });
  await failure(twin.sync.now(), "COPY_FENCED");
  await original.store.insertProfiles(someProfiles(3, "later"));
  await original.sync.now();
  await expectRestored(bench, original.store);
  const { source } = await twin.sync.beginAnew();
  await expectRestored(bench, twin.store, source);
  await twin.store.insertProfiles(someProfiles(3, "anew"));
  expect((await twin.sync.now()).sequence).toBe(2); // the first has what was noted and could not be put
  await expectRestored(bench, twin.store, source);
});

test("the database itself is fenced when a copy of its file was the first to go on", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using original = await openDatabase(bench, path);
  await original.sync.now();
  await original.store.insertProfiles(someProfiles(3, "a"));
  await original.sync.now();
  await using twin = await openDatabase(bench, await backUp(original.store, path));
  await twin.store.insertProfiles(someProfiles(2, "twin"));
  await twin.sync.now();
  await original.store.insertProfiles(someProfiles(2, "original"));
  await failure(original.sync.now(), "COPY_FENCED");
  await expectRestored(bench, twin.store);
});

test("a file that was brought back from a backup is fenced", async () => {
  await using bench = await openBench();
  const path = newPath();
  const original = await openDatabase(bench, path);
  await original.store.insertProfiles(someProfiles(3, "a"));
  await original.sync.now();
  await original.store.insertProfiles(someProfiles(3, "b"));
  await original.sync.now();
  const backup = await backUp(original.store, path);
  await original.store.insertProfiles(someProfiles(3, "lost"));
  await original.sync.now();
  await original[Symbol.asyncDispose]();
  await using older = await openDatabase(bench, backup);
  await older.store.insertProfiles(someProfiles(1, "new"));
  await failure(older.sync.now(), "COPY_FENCED");
});

test.each([
  ["has a log", true],
  ["has only its first checkpoint", false],
])("another prefix for a database whose copy %s is refused, and the message names the setting", async (_, hasLog) => {
  await using bench = await openBench();
  const path = newPath();
  const original = await openDatabase(bench, path);
  await original.store.insertProfiles(someProfiles(3, "a"));
  await original.sync.now();
  if (hasLog) await original.store.insertProfiles(someProfiles(3, "b"));
  await original.sync.now();
  await original[Symbol.asyncDispose]();
  await using moved = await openDatabase(bench, path, `${bench.prefix}elsewhere/`);
  await moved.store.insertProfiles(someProfiles(3, "c"));
  const error = await failure(moved.sync.now(), "COPY_DAMAGED");
  expect([error.field, error.message]).toEqual(["sync.bucket", expect.stringContaining("the prefix is another one")]);
  const { source } = await moved.sync.beginAnew();
  await using target = emptyStore();
  await new R2Archive(bench.bucket, `${bench.prefix}elsewhere/`).restore(target, { source });
  expect(await rowsOf(target)).toEqual(await rowsOf(moved.store));
});

test("another process that copies goes on with the new copy when one has begun it", async () => {
  await using bench = await openBench();
  const path = newPath();
  await using first = await openDatabase(bench, path);
  await using second = await openDatabase(bench, path);
  await first.store.insertProfiles(someProfiles(3, "a"));
  await first.sync.now();
  await second.sync.now();
  const { source } = await first.sync.beginAnew();
  await second.store.insertProfiles(someProfiles(3, "b"));
  expect(await second.sync.now()).toMatchObject({ source, sequence: 1 });
  await expectRestored(bench, first.store, source);
});

test("a new copy whose beginning broke off before its checkpoints were forgotten begins with one all the same", async () => {
  await using bench = await openBench();
  await using database = await openDatabase(bench, newPath());
  await database.store.insertProfiles(someProfiles(3, "a"));
  await database.sync.now();
  const { source } = await (await openSyncSource(database.store)).ledger.restart(newId());
  await database.store.insertProfiles(someProfiles(3, "b"));
  expect((await database.sync.now()).source).toBe(source);
  await expectRestored(bench, database.store, source);
});

test("who finishes an old checkpoint late deletes nothing of the one that another process is writing", async () => {
  await using bench = await openBench();
  const path = newPath();
  const options = { ...syncOptions(bench), keepMs: 0, graceMs: 0 };
  const open = async () => {
    const sync = new R2Sync(options);
    const store = createPool("sqlite", { path, sync });
    await store.open();
    return { store, sync, [Symbol.asyncDispose]: () => store.close() };
  };
  await using first = await open();
  await using second = await open();
  await first.store.insertProfiles(someProfiles(10, "a"));
  await Promise.all([first.sync.now(), second.sync.now()]);
  await first.store.insertProfiles(someProfiles(10, "b"));
  await first.sync.now();
  const late = held(bench, "/profiles/");
  const lateCheckpoint = first.sync.checkpoint();
  const goOnLate = await late;
  await second.sync.checkpoint(); // the same one
  await second.store.insertProfiles(someProfiles(10, "c"));
  await second.sync.now();
  const newer = held(bench, "/profiles/");
  const newerCheckpoint = second.sync.checkpoint();
  const goOnNewer = await newer;
  goOnLate();
  await lateCheckpoint;
  goOnNewer();
  await newerCheckpoint;
  expect(await new R2Archive(bench.bucket, bench.prefix).verify()).toMatchObject({ ok: true, findings: [] });
  await expectRestored(bench, first.store);
});

/** Holds back the next object whose key has this text; what it resolves to lets it go. */
function held({ proxy }: Bench, text: string): Promise<() => void> {
  const arrived = Promise.withResolvers<() => void>();
  proxy.faults = ({ method, key }) => {
    if (method !== "PUT" || !key.includes(text)) return undefined;
    proxy.faults = () => undefined;
    return { kind: "delay", ms: 0, clock: { setTimer: (fn) => arrived.resolve(fn) } };
  };
  return arrived.promise;
}
