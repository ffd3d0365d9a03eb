/** A restore that broke off goes on where it was; what it would go over is refused, or replaced when that is wanted. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openRestoreTarget } from "@telepool/core/sync";
import { sql } from "kysely";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { failure } from "../bucket/r2-fixture.ts";
import { emptyStore, keysWith, rowsOf, someProfiles } from "./copy-bench.ts";
import { type CopyWithHistory, openCopyWithHistory } from "./copy-with-history.ts";

let copy: CopyWithHistory;
let archive: R2Archive;

beforeAll(async () => {
  copy = await openCopyWithHistory();
  const { bucket, credentials, endpoint } = copy.options;
  archive = new R2Archive({
    bucket,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    prefix: copy.prefix,
    retryTimeoutMs: 0,
  });
});
afterAll(async () => {
  archive.close();
  await copy[Symbol.asyncDispose]();
});

/** The contents that are asked for from now on: parts and objects of the log. Those of sessions are read twice, and left out. */
function contentsRead(): () => string[] {
  const { requests } = copy.proxy;
  const from = requests.length;
  return () =>
    requests
      .slice(from)
      .filter(({ method, key }) => method === "GET" && /\/(data|log)\//.test(key) && !key.includes("/sessions/"))
      .map(({ key }) => key);
}

/** The storage goes away when a key is asked for that holds a text, for the `times`-th time. */
function awayAt(text: string, times: number): void {
  let left = times;
  copy.proxy.faults = ({ method, key }) => {
    if (method === "GET" && key.includes(text)) left--;
    return left <= 0 ? { kind: "cutBeforeForward" } : undefined;
  };
}

test.each([
  ["in the parts", "/profiles/", 2],
  ["in the log", "/log/", 3],
])("a restore that broke off %s goes on with the object that was missing", async (_, text, times) => {
  const whole = contentsRead();
  await using reference = emptyStore();
  await archive.restore(reference);
  const all = whole();
  await using target = emptyStore();
  awayAt(text, times);
  await failure(archive.restore(target), "STORAGE_UNREACHABLE");
  copy.proxy.faults = () => undefined;
  const second = contentsRead();
  const result = await archive.restore(target);
  expect(result.resumed).toBe(true);
  const missed = all.indexOf(all.filter((key) => key.includes(text))[times - 1] ?? "");
  expect(second()).toEqual(all.slice(missed));
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
  await using sync = new R2Sync({ ...copy.options, prefix: `${copy.prefix}resumed-${times}${text.length}` });
  await sync.attach(target);
  expect((await sync.now()).sequence).toBe(0); // it is whole, so it may be copied
});

test("one that was ended by its caller goes on as well", async () => {
  await using target = emptyStore();
  const controller = new AbortController();
  const reason = new Error("enough");
  const ended = archive.restore(target, {
    signal: controller.signal,
    onProgress: ({ objects }) => (objects === 2 ? controller.abort(reason) : undefined),
  });
  await failure(ended, "ABORTED");
  const progress: number[] = [];
  const result = await archive.restore(target, { onProgress: ({ objects }) => progress.push(objects) });
  expect([result.resumed, progress[0]]).toEqual([true, 3]);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("progress counts up to all objects and bytes", async () => {
  await using target = emptyStore();
  const seen: { objects: number; totalObjects: number; bytes: number; totalBytes: number; phase: string }[] = [];
  const result = await archive.restore(target, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ objects }) => objects)).toEqual(seen.map((_, position) => position + 1));
  const last = seen.at(-1);
  expect([last?.objects, last?.bytes, last?.phase]).toEqual([last?.totalObjects, last?.totalBytes, "log"]);
  expect([result.objects, result.bytes, result.resumed]).toEqual([last?.objects ?? 0, last?.bytes ?? 0, false]);
});

test("a store with rows is refused and left alone, or replaced when that is wanted", async () => {
  await using target = emptyStore();
  await target.insertProfiles(someProfiles(3, "mine"));
  const before = await rowsOf(target);
  const { field } = await failure(archive.restore(target), "TARGET_NOT_EMPTY");
  expect([field, await rowsOf(target)]).toEqual(["into", before]);
  await archive.restore(target, { onRows: "replace" });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("a restore that broke off goes on also when the log has grown meanwhile", async () => {
  await using target = emptyStore();
  awayAt("/log/", 2);
  await failure(archive.restore(target, { to: { sequence: 4 } }), "STORAGE_UNREACHABLE");
  copy.proxy.faults = () => undefined;
  expect(await archive.restore(target)).toMatchObject({ resumed: true, sequence: 5 });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("a store that holds a part of a restore to a later time is refused, or replaced when that is wanted", async () => {
  await using target = emptyStore();
  awayAt("/log/", 3);
  await failure(archive.restore(target), "STORAGE_UNREACHABLE");
  copy.proxy.faults = () => undefined;
  const to = { sequence: 3 };
  const { message } = await failure(archive.restore(target, { to }), "TARGET_NOT_EMPTY");
  expect(message).toContain("a part of another restore");
  await archive.restore(target, { to, onRows: "replace" });
  await using reference = emptyStore();
  await archive.restore(reference, { to });
  expect(await rowsOf(target)).toEqual(await rowsOf(reference));
  expect(await (await openRestoreTarget(target)).notes.get("restore")).toBeUndefined();
});

test("a store that was half emptied for a restore does not look whole", async () => {
  await using target = emptyStore();
  await target.insertProfiles(someProfiles(1200, "mine"));
  const db = await target.kysely();
  // The database fails in the middle of it.
  await sql`create trigger fails before delete on profiles when old.id = 'mine-1100' begin select raise(abort, 'full'); end`.execute(
    db,
  );
  await expect(archive.restore(target, { onRows: "replace" })).rejects.toThrow();
  expect((await rowsOf(target)).size).toBeLessThan(1203);
  await using sync = new R2Sync({ ...copy.options, prefix: `${copy.prefix}half` });
  await sync.attach(target);
  await failure(sync.now(), "RESTORE_UNFINISHED");
  await sql`drop trigger fails`.execute(db);
  await archive.restore(target, { onRows: "replace" });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("a store that is being copied is not copied any more while a restore into it is not finished", async () => {
  await using target = emptyStore();
  await using sync = new R2Sync({ ...copy.options, prefix: `${copy.prefix}under-way/` });
  await sync.attach(target);
  await sync.now();
  awayAt("/log/", 2);
  await failure(archive.restore(target), "STORAGE_UNREACHABLE");
  copy.proxy.faults = () => undefined;
  await failure(sync.now(), "RESTORE_UNFINISHED");
  await archive.restore(target);
  await sync.now();
  await using child = emptyStore();
  await new R2Archive(copy.bucket, `${copy.prefix}under-way/`).restore(child);
  expect(await rowsOf(child)).toEqual(await rowsOf(copy.store));
});

test("what was restored begins a copy of its own, which says where it came from", async () => {
  await using target = emptyStore();
  await archive.restore(target);
  const prefix = `${copy.prefix}child/`;
  await using sync = new R2Sync({ ...copy.options, prefix });
  await sync.attach(target);
  const { source } = await sync.now();
  expect(source).not.toBe(copy.source);
  const [child] = await new R2Archive(copy.bucket, prefix).copies();
  expect(child).toMatchObject({ source, restoredFrom: { source: copy.source, sequence: 5 } });
  expect(await keysWith({ bucket: copy.bucket, prefix }, "/checkpoints/")).toHaveLength(1);
});
