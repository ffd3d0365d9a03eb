/** What goes into SQLite and comes back: numbers, bytes, counts of changes, and statements that outlive a schema. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { sql } from "kysely";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";
import { Statements } from "./statements.ts";

interface OwnTables {
  things: { id: number; value: unknown };
}

test("safe integers are exact in profiles, in times and in own tables", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const timestamp = Number.MAX_SAFE_INTEGER;
  const id = await store.insertProfile("session", { timestamp }, "member", "document", { timestamp });
  expect(await store.getProfile(id)).toMatchObject({ timestamp, profile: { timestamp } });
  expect(await store.getSession("session")).toMatchObject({ createdAt: timestamp, lastActivity: timestamp });
  const db = await store.kysely<OwnTables>();
  await db.schema.createTable("things").addColumn("id", "integer").addColumn("value", sql`any`).execute();
  await db.insertInto("things").values({ id: timestamp, value: -timestamp }).execute();
  expect(await db.selectFrom("things").selectAll().execute()).toEqual([{ id: timestamp, value: -timestamp }]);
});

test("a bigint is stored exactly, but read as the nearest double; as text it is exact", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const db = await store.kysely<OwnTables>();
  await sql`create table things (id integer, value integer)`.execute(db);
  const beyond = 2n ** 63n - 1n;
  await db.insertInto("things").values({ id: 1, value: beyond }).execute();
  const read = db.selectFrom("things").select(["value", sql<string>`cast(value as text)`.as("text")]);
  expect(await read.execute()).toEqual([{ value: Number(beyond), text: String(beyond) }]);
  expect(await read.where("value", "=", beyond).execute()).toHaveLength(1);
});

test("bytes go through a scan's thread in both directions", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const db = await store.kysely<OwnTables>();
  await sql`create table things (id integer, value blob)`.execute(db);
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await db.insertInto("things").values({ id: 1, value }).execute();
  expect(await db.selectFrom("things").selectAll().where("value", "=", value).execute()).toEqual([{ id: 1, value }]);
});

test("duplicates are reported rightly in a table with triggers that write", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const db = await store.kysely();
  await sql`create table seen (id text)`.execute(db);
  for (const when of ["before", "after"]) {
    await sql`create trigger ${sql.ref(`${when}_profile`)} ${sql.raw(when)} insert on profiles
      begin insert into seen values (new.id); end`.execute(db);
  }
  const row = (id: string) => ({ id, session: "session", profile: {}, member: "member", document: "document" });
  const { duplicates } = await store.insertProfiles([row("a"), row("a"), row("b"), row("a"), row("c")]);
  expect(duplicates).toEqual(["a", "a"]);
  expect((await store.getSession("session"))?.profileCount).toBe(3);
});

test("a statement is prepared once, until two hundred others have followed", () => {
  using database = new Database(":memory:");
  const statements = new Statements(database);
  const first = statements.get("select 'first'");
  expect(statements.get("select 'first'")).toBe(first);
  for (let number = 0; number < 250; number++) {
    expect(statements.get(`select ${number}`).values()).toEqual([[number]]);
  }
  const again = statements.get("select 'first'");
  expect(again).not.toBe(first);
  expect(again.values()).toEqual([["first"]]);
  statements.clear();
  expect(statements.get("select 'first'").values()).toEqual([["first"]]);
  statements.clear();
});

test("writing goes on when other statements have pushed its own out of the cache", async () => {
  await using store = createPool("sqlite::memory:");
  const db = await store.kysely();
  for (let number = 0; number < 450; number++) {
    await sql`select ${sql.lit(number)}`.execute(db);
    await store.insertProfile("session", { number }, "member", "document", { timestamp: 1000 - number });
  }
  expect(await store.getSession("session")).toMatchObject({ profileCount: 450, createdAt: 551, lastActivity: 1000 });
});

test("statements see a schema that another program has changed", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path });
  const db = await store.kysely<OwnTables>();
  await sql`create table things (id integer)`.execute(db);
  await sql`insert into things values (1)`.execute(db);
  const read = () => db.selectFrom("things").selectAll().execute();
  const write = () => sql`insert into things values (2)`.execute(db);
  expect(await read()).toMatchObject([{ id: 1 }]);
  await write();
  using other = new Database(path);
  other.run("alter table things add column value text default 'new'");
  expect(await read()).toEqual([
    { id: 1, value: "new" },
    { id: 2, value: "new" },
  ]);
  expect(await failureOf(write())).toMatchObject({ code: "STATEMENT_FAILED" });
  other.run("drop table things");
  expect(await failureOf(read())).toMatchObject({ code: "STATEMENT_FAILED" });
});
