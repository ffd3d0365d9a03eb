/** A database with the tables of the original brief is taken over, as SQLite's are. */
import { describe, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { describeOn, postgresServer } from "@telepool/test-servers";
import { query } from "./query.ts";

const BRIEF = `
  create table profiles (id text primary key, session text, profile json, timestamp integer, member text, document text);
  create index idx_profiles_session on profiles (session);
  create index idx_profiles_member on profiles (member);
  create table sessions (id text primary key, member text, created_at integer, last_activity integer, profile_count integer default 0);
  create table analytics (id text primary key, event_type text, data json, timestamp integer, session text);
  insert into profiles values ('a', 's', '{"x": 1.5}', 10, 'm', 'd'), ('b', 's', null, null, null, 'd'), ('c', 't', '[1]', 30, 'm', 'd');
  insert into sessions values ('s', 'wrong', 1, 2, 99), ('empty', 'm', 5, 6, 3);
  insert into analytics values ('e', 'click', '{"n": 1}', 7, null);`;

describeOn("postgresql", { describe, test }, "tables of the original brief", () => {
  test("are taken over with their rows, and sessions are counted anew", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await query(database.url, BRIEF);
    await using store = createPool(database.url);
    expect((await store.queryProfiles()).items).toEqual([
      { id: "c", session: "t", profile: { adopted: [1] }, timestamp: 30, member: "m", document: "d" },
      { id: "a", session: "s", profile: { x: 1.5 }, timestamp: 10, member: "m", document: "d" },
      { id: "b", session: "s", profile: {}, timestamp: 0, member: "unknown", document: "d" },
    ]);
    expect(await store.getSession("s")).toMatchObject({ member: "unknown", profileCount: 2, createdAt: 0 });
    expect(await store.getSession("empty")).toMatchObject({ profileCount: 0, createdAt: 5 });
    expect((await store.queryEvents()).items).toMatchObject([{ id: "e", data: { n: 1 }, session: null }]);
    await store.insertProfile("s", { x: 2 }, "m", "d");
    expect((await store.getSession("s"))?.profileCount).toBe(3);
  });

  test("another program's table of the same name is refused, and stays as it is", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await query(database.url, "create table sessions (token text); insert into sessions values ('theirs')");
    await using store = createPool(database.url);
    expect(await store.open().catch((error: unknown) => error)).toMatchObject({ code: "MIGRATION_FAILED" });
    expect(await query(database.url, "select * from sessions")).toEqual([{ token: "theirs" }]);
    expect(await query(database.url, "select tablename from pg_tables where schemaname = 'public'")).toEqual([
      { tablename: "sessions" },
    ]);
  });
});
