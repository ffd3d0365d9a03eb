/** Ways to lose a row, or to say what is not so, that a review found: each was seen to fail before it was mended. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, newId } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { sql } from "kysely";
import { StoreCopy } from "../../src/copy/store-copy.ts";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { parseSyncOptions } from "../../src/sync-options.ts";
import { failure, openBench } from "../bucket/r2-fixture.ts";
import { openContinuousBench } from "./continuous-bench.ts";
import { emptyStore, keysWith, openCopyBench, rowsOf, someProfiles, syncOptions } from "./copy-bench.ts";

test("a new copy that is begun while the old one is being logged gets all rows, and the old one none of its objects", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  await copy.store.insertProfiles(someProfiles(20, "a"));
  await using other = new R2Sync(copy.options);
  await other.attach(copy.store);
  let begun: Promise<unknown> | undefined;
  copy.proxy.faults = ({ method, key }) => {
    if (method === "PUT" && key.includes("/log/")) begun ??= other.beginAnew();
    return undefined;
  };
  await copy.sync.now().catch(() => undefined); // it may learn of the new copy in the middle
  await begun;
  copy.proxy.faults = () => undefined;
  await copy.store.insertProfiles(someProfiles(5, "b"));
  const { source } = await copy.sync.now();
  expect((await other.now()).source).toBe(source);
  await using target = emptyStore();
  await copy.archive.restore(target, { source });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("rows that were written while triggers were missing are copied by the next process", async () => {
  await using copy = await openCopyBench();
  await copy.store.insertProfiles(someProfiles(3, "a"));
  await copy.sync.now();
  const db = await copy.store.kysely();
  for (const name of ["inserted", "deleted", "updated"]) {
    await sql.raw(`drop trigger telepool_profile_${name}`).execute(db);
  }
  await copy.store.insertProfiles(someProfiles(4, "b"));
  await db.deleteFrom("profiles").where("session", "=", "none").execute();
  await using next = new R2Sync(copy.options);
  await next.attach(copy.store);
  await next.now();
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("ending the noting of changes ends the copy first, so that none goes on after a half-way end", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  const source = await openSyncSource(copy.store);
  const db = await copy.store.kysely();
  await sql`create view blocked as select * from telepool_changes`.execute(db);
  await sql`drop table telepool_copy`.execute(db); // as far as an end gets that breaks off after its first step
  await copy.store.insertProfiles(someProfiles(2, "a"));
  await sql`drop view blocked`.execute(db);
  await using next = new R2Sync(copy.options);
  await next.attach(copy.store);
  const { source: id } = await next.now();
  expect(id).not.toBe((await copy.archive.copies())[0]?.source ?? "");
  await using target = emptyStore();
  await copy.archive.restore(target, { source: id });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
  expect(await source.changes.count()).toBe(0);
});

test("who finds that another process has logged everything says how far the log is", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  const source = await openSyncSource(copy.store);
  const { config } = parseSyncOptions(copy.options, "sync");
  const nothing = (): void => undefined;
  let isBetween = false;
  const slow = {
    ...source,
    changes: new Proxy(source.changes, {
      get: (changes, name) => {
        if (name !== "last" || !isBetween) return Reflect.get(changes, name).bind?.(changes);
        isBetween = false;
        return async () => {
          await copy.sync.now(); // another one is faster
          return await changes.last();
        };
      },
    }),
  };
  const deps = { source: slow, bucket: copy.bucket, config, onLog: nothing, onPart: nothing };
  const late = await StoreCopy.begin(deps);
  await copy.store.insertProfiles(someProfiles(3, "a"));
  isBetween = true;
  expect((await late.drain(undefined, nothing)).sequence).toBe(1);
});

test("a copy is not called broken because many rows changed while it was being compared", async () => {
  await using copy = await openCopyBench();
  await copy.store.insertProfiles(someProfiles(10, "a"));
  await copy.sync.now();
  let isWritten = false;
  copy.proxy.faults = ({ method, key }) => {
    if (method !== "GET" || !key.includes("/data/") || isWritten) return undefined;
    isWritten = true;
    void copy.store.insertProfiles(someProfiles(12_000, "b"));
    return { kind: "delay", ms: 1 };
  };
  expect(await copy.sync.verify("database")).toMatchObject({ ok: true, findings: [] });
  expect(isWritten).toBe(true);
});

test("a second store is refused when it is made with a sync that another one has", async () => {
  await using bench = await openBench();
  const sync = new R2Sync(syncOptions(bench));
  await using _ = createPool("sqlite", { path: ":memory:", sync });
  expect(() => createPool("sqlite", { path: ":memory:", sync })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field: "options.sync" }),
  );
});

test("a new copy has not been proven by the proof of the one before", async () => {
  await using copy = await openCopyBench();
  await copy.store.insertProfiles(someProfiles(2, "a"));
  expect((await copy.sync.prove()).ok).toBe(true);
  await copy.sync.beginAnew();
  expect(copy.sync.status().proof).toBeNull();
  await using next = new R2Sync(copy.options);
  await next.attach(copy.store);
  await next.now();
  expect(next.status().proof).toBeNull();
});

test("a proof leaves nothing behind, and nobody else may look into it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "telepool-proofs-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    await using copy = await openCopyBench();
    await copy.store.insertProfiles(someProfiles(2, "a"));
    expect((await copy.sync.prove()).ok).toBe(true);
    expect(await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: folder, dot: true }))).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(folder, { recursive: true, force: true });
  }
});

test("a restore is refused by name where a copy does not exist", async () => {
  await using bench = await openBench();
  await using target = emptyStore();
  await failure(new R2Archive(bench.bucket, bench.prefix).restore(target), "COPY_NOT_FOUND");
});

test("a state before a gap in the log can be restored, and the end of the log cannot", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  await copy.store.insertProfiles(someProfiles(2, "a"));
  await copy.sync.now();
  const then = await rowsOf(copy.store);
  for (const name of ["b", "c"]) {
    await copy.store.insertProfiles(someProfiles(2, name));
    await copy.sync.now();
  }
  await copy.bucket.delete((await keysWith(copy, "/log/")).slice(1, 2));
  await using target = emptyStore();
  await failure(copy.archive.restore(target), "COPY_DAMAGED");
  await failure(copy.archive.restore(target, { to: { sequence: 2 } }), "COPY_DAMAGED");
  await copy.archive.restore(target, { to: { sequence: 1 } });
  expect(await rowsOf(target)).toEqual(then);
});

test("a restore for which there is nothing opens no database", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  const folder = await mkdtemp(join(tmpdir(), "telepool-nothing-"));
  try {
    const path = join(folder, "none.db");
    await using target = createPool("sqlite", { path });
    await failure(copy.archive.restore(target, { to: { sequence: 99 } }), "COPY_NOT_FOUND");
    const { message } = await failure(copy.archive.restore(target, { source: newId() }), "COPY_NOT_FOUND");
    expect(message).toContain("there is no copy");
    expect(await Bun.file(path).exists()).toBe(false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a database whose rows were replaced by a restore begins a copy of its own", async () => {
  await using copy = await openCopyBench();
  await copy.store.insertProfiles(someProfiles(3, "a"));
  const { source } = await copy.sync.now();
  await using other = emptyStore();
  await using first = new R2Sync({ ...copy.options, prefix: `${copy.prefix}other` });
  await first.attach(other);
  await other.insertProfiles(someProfiles(5, "z"));
  await first.now();
  await copy.archive.restore(other, { onRows: "replace" });
  await using next = new R2Sync({ ...copy.options, prefix: `${copy.prefix}other` });
  await next.attach(other);
  const { source: begun } = await next.now();
  const archive = new R2Archive(copy.bucket, `${copy.prefix}other/`);
  const found = (await archive.copies()).find((one) => one.source === begun);
  expect(found).toMatchObject({ checkpointRows: 6, restoredFrom: { source } });
  await using target = emptyStore();
  await archive.restore(target, { source: begun });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("what waits is seen while the bucket is away, also what other programs have written", async () => {
  await using copy = await openCopyBench();
  await copy.sync.now();
  await copy.store.insertProfiles(someProfiles(3, "a"));
  copy.proxy.down = true;
  await using next = new R2Sync({ ...copy.options, intervalMs: 60_000, retryTimeoutMs: 0 });
  await next.attach(copy.store);
  const { promise: isFailing, resolve } = Promise.withResolvers<void>();
  const look = setInterval(() => next.status().state === "failing" && resolve(), 5);
  await isFailing;
  clearInterval(look);
  expect(next.status().pendingRows).toBeGreaterThanOrEqual(3);
});

test("a proof that another process has made is shown by the one that copies", async () => {
  await using bench = await openBench();
  const folder = await mkdtemp(join(tmpdir(), "telepool-seen-"));
  try {
    const path = join(folder, "seen.db");
    await using server = await openContinuousBench({ at: bench, path });
    await server.store.insertProfiles(someProfiles(2, "a"));
    await server.interval();
    await using byHand = new R2Sync(syncOptions(bench));
    await using store = createPool("sqlite", { path });
    await byHand.attach(store);
    const proof = await byHand.prove();
    expect(server.sync.status().proof).toBeNull();
    await server.interval();
    expect(server.sync.status().proof).toEqual(proof);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
