/** What a store says of a path that is no database; permissions and full disks are tested in `test/`. */
import { expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createPool, type SqliteDriverOptions, type StoreOptions } from "@telepool/core";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";

/** Opens, inserts, reads everything, and closes. */
async function useStore(options: SqliteDriverOptions & StoreOptions): Promise<void> {
  await using store = createPool("sqlite", options);
  await store.open();
  await store.insertProfile("session", { text: "x".repeat(500) }, "member", "document");
  await store.queryProfiles({}, { limit: 1000 });
}

async function newDatabase(path: string, rows: number): Promise<void> {
  await using store = createPool("sqlite", { path });
  const row = { session: "session", profile: { text: "x".repeat(500) }, member: "member", document: "document" };
  await store.insertProfiles(Array.from({ length: rows }, () => row));
}

test("a folder that does not exist is DATABASE_NOT_FOUND, at once and by name", async () => {
  using folder = new TempFolder();
  const path = folder.file("nowhere/telepool.db");
  expect(await failureOf(useStore({ path }))).toMatchObject({
    code: "DATABASE_NOT_FOUND",
    message: `the folder ${folder.file("nowhere")} does not exist; create it first`,
    cause: { code: "SQLITE_CANTOPEN" },
  });
  expect(existsSync(folder.file("nowhere"))).toBe(false);
});

test("a path that is a folder is NOT_A_DATABASE", async () => {
  using folder = new TempFolder();
  expect(await failureOf(useStore({ path: folder.path }))).toMatchObject({ code: "NOT_A_DATABASE" });
});

test.each([10, 10_000])("a text file of %d characters is NOT_A_DATABASE and stays as it is", async (length) => {
  using folder = new TempFolder();
  const path = folder.file("notes.txt");
  writeFileSync(path, "x".repeat(length));
  expect(await failureOf(useStore({ path }))).toMatchObject({ code: "NOT_A_DATABASE" });
  expect(await Bun.file(path).text()).toBe("x".repeat(length));
  expect(readdirSync(folder.path)).toEqual(["notes.txt"]);
});

test("an empty file becomes a database", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  writeFileSync(path, "");
  await useStore({ path });
});

test.each([50, 20_000, 100_000])("a database that was cut to %d bytes is DATABASE_CORRUPT", async (length) => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newDatabase(path, 500);
  truncateSync(path, length);
  expect(await failureOf(useStore({ path }))).toMatchObject({ code: "DATABASE_CORRUPT" });
});

test("a damaged page is DATABASE_CORRUPT", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newDatabase(path, 500);
  await using file = await open(path, "r+");
  await file.write(new Uint8Array(100 * 4096).fill(0xee), 0, 100 * 4096, 8192);
  expect(await failureOf(useStore({ path }))).toMatchObject({ code: "DATABASE_CORRUPT" });
});

test("a failed opening leaves no file open and can be tried again", async () => {
  using folder = new TempFolder();
  const path = folder.file("later/telepool.db");
  await using store = createPool("sqlite", { path });
  expect(await failureOf(store.open())).toMatchObject({ code: "DATABASE_NOT_FOUND" });
  expect(await store.health()).toMatchObject({ ok: false, error: { code: "DATABASE_NOT_FOUND" } });
  mkdirSync(folder.file("later"));
  await store.open();
  expect(await store.health()).toMatchObject({ ok: true, location: path });
});

test("a store with readOnly reads, and every write is READ_ONLY", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newDatabase(path, 3);
  const before = await Bun.file(path).bytes();
  {
    await using store = createPool("sqlite", { path, readOnly: true });
    expect((await store.queryProfiles()).items.length).toBe(3);
    expect(await store.aggregate({ metric: "x" })).toEqual([]);
    for (const write of [
      () => store.insertProfile("session", {}, "member", "document"),
      () => store.recordEvent("click"),
      () => store.prune({ maxRows: 1 }),
    ]) {
      expect(await failureOf(write())).toMatchObject({ code: "READ_ONLY" });
    }
  }
  expect(await Bun.file(path).bytes()).toEqual(before);
});

test("readOnly creates nothing: a file that is absent is DATABASE_NOT_FOUND", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  expect(await failureOf(useStore({ path, readOnly: true }))).toMatchObject({ code: "DATABASE_NOT_FOUND" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("two stores in memory are two databases", async () => {
  await using first = createPool("sqlite::memory:");
  await using second = createPool("sqlite://:memory:");
  const id = await first.insertProfile("session", {}, "member", "document");
  expect(await first.getProfile(id)).toBeDefined();
  expect(await second.getProfile(id)).toBeUndefined();
});

test("a copy that was made while nobody had it open is a database of its own", async () => {
  using folder = new TempFolder();
  await newDatabase(folder.file("a.db"), 2);
  copyFileSync(folder.file("a.db"), folder.file("b.db"));
  await useStore({ path: folder.file("b.db") });
  await using first = createPool("sqlite", { path: folder.file("a.db") });
  expect((await first.queryProfiles()).items.length).toBe(2);
});
