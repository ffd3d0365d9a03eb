/** What a store with `readOnly` does on databases of all kinds: it reads, or says what is missing, and changes nothing. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createPool, type TelemetryPool } from "@telepool/core";
import { inspect } from "./database-checks.ts";
import { failureOf } from "./failure.ts";
import { TempFolder } from "./temp-folder.ts";

const NOT_OURS = {
  code: "READ_ONLY",
  message: expect.stringMatching(/not a telepool database.*name another, or open it once for writing/),
  cause: { code: "READ_ONLY" },
};
const NOT_UP_TO_DATE = {
  code: "READ_ONLY",
  message: expect.stringMatching(/schema is not up to date.*open it once for writing, without readOnly/),
  cause: { code: "READ_ONLY" },
};

function runScript(path: string, script: string): void {
  using database = new Database(path);
  database.exec(script);
}

async function newStore(path: string): Promise<void> {
  await using store = createPool("sqlite", { path });
  await store.insertProfile("s", { x: 1 }, "m", "d", { id: "p1", timestamp: 1 });
  await store.insertProfile("s", { x: 3 }, "m", "d", { id: "p2", timestamp: 2 });
  await store.recordEvent("click", { y: 1 }, "s", { id: "e1", timestamp: 3 });
}

/** Does `work` with a store that may only read, and expects the file to be the same afterwards, byte for byte. */
async function readOnly(path: string, work: (store: TelemetryPool) => Promise<void>): Promise<void> {
  const before = await Bun.file(path).bytes();
  {
    await using store = createPool("sqlite", { path, readOnly: true });
    await work(store);
  }
  expect(await Bun.file(path).bytes()).toEqual(before);
}

test("everything that reads works on a database whose schema is up to date", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newStore(path);
  await readOnly(path, async (store) => {
    expect((await store.queryProfiles({ member: "m" })).items.map(({ id }) => id)).toEqual(["p2", "p1"]);
    expect((await store.queryProfiles({}, { limit: 1000 })).items.length).toBe(2);
    expect((await Array.fromAsync(store.profiles())).map(({ profile }) => profile)).toEqual([{ x: 3 }, { x: 1 }]);
    expect(await store.getProfile("p1")).toMatchObject({ profile: { x: 1 } });
    expect(await store.getSession("s")).toMatchObject({ profileCount: 2 });
    expect((await store.querySessions("*")).items.length).toBe(1);
    expect((await store.queryEvents()).items).toMatchObject([{ id: "e1", data: { y: 1 } }]);
    expect(await store.aggregate({ metric: "x" })).toMatchObject([{ count: 2, mean: 2 }]);
    expect(await (await store.kysely()).selectFrom("profiles").select("id").execute()).toHaveLength(2);
    expect(await store.health()).toMatchObject({ ok: true });
    expect(store.stats()).toMatchObject({ poolSize: 20, createFailures: 0 });
  });
});

test.each([
  ["of another program", "create table notes (text); insert into notes values ('mine')"],
  ["without tables", "pragma user_version = 7"],
  [
    "in which telepool was refused once",
    "create table telepool_migrations (name varchar(255) not null primary key, timestamp varchar(255) not null)",
  ],
])("a database %s is not a telepool database", async (_what, script) => {
  using folder = new TempFolder();
  const path = folder.file("app.db");
  runScript(path, script);
  await readOnly(path, async (store) => {
    expect(await failureOf(store.open())).toMatchObject(NOT_OURS);
    expect(await failureOf(store.queryProfiles())).toMatchObject(NOT_OURS);
  });
});

test("an empty file is not a telepool database", async () => {
  using folder = new TempFolder();
  const path = folder.file("empty.db");
  writeFileSync(path, "");
  await readOnly(path, async (store) => expect(await failureOf(store.open())).toMatchObject(NOT_OURS));
});

test("a database of the original brief has to be opened for writing once; then it can be read", async () => {
  using folder = new TempFolder();
  const path = folder.file("brief.db");
  runScript(
    path,
    `create table profiles (id text primary key, session text, profile json, timestamp integer, member text, document text);
    insert into profiles values ('p1', 's', '{}', 1, 'm', 'd');`,
  );
  await readOnly(path, async (store) => expect(await failureOf(store.open())).toMatchObject(NOT_UP_TO_DATE));
  {
    await using store = createPool("sqlite", { path });
    await store.open();
  }
  await readOnly(path, async (store) => expect((await store.queryProfiles()).items.length).toBe(1));
});

test("a database of an opening that was broken off has to be opened for writing once", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newStore(path);
  runScript(path, "drop table telepool_migrations_lock; alter table profiles add column later text");
  await readOnly(path, async (store) => expect(await failureOf(store.open())).toMatchObject(NOT_UP_TO_DATE));
});

test("a table of one of our names that is somebody else's is told apart", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.db");
  runScript(path, "create table sessions (token text)");
  await readOnly(path, async (store) => {
    expect(await failureOf(store.open())).toMatchObject({
      code: "MIGRATION_FAILED",
      message: expect.stringContaining('has a table "sessions" that is not telepool\'s'),
    });
  });
});

test("a database that a newer telepool wrote is MIGRATION_FAILED", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await newStore(path);
  inspect(path, (database) => database.run("insert into telepool_migrations values ('9999-later', '')"));
  await readOnly(path, async (store) => {
    expect(await failureOf(store.open())).toMatchObject({
      code: "MIGRATION_FAILED",
      message: expect.stringContaining("a newer telepool wrote this database"),
    });
  });
});
