/** Databases that older or other programs have made. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { createPool } from "@telepool/core";
import { expectSound, inspect, singleValue } from "./database-checks.ts";
import { failureOf } from "./failure.ts";
import { TempFolder } from "./temp-folder.ts";

/** The schema of the original brief, to the letter. */
const BRIEF_SCHEMA = `
CREATE TABLE IF NOT EXISTS profiles (
  id TEXT PRIMARY KEY,
  session TEXT,
  profile JSON,
  timestamp INTEGER,
  member TEXT,
  document TEXT
);
CREATE INDEX idx_profiles_session ON profiles (session);
CREATE INDEX idx_profiles_member ON profiles (member);
CREATE INDEX idx_profiles_timestamp ON profiles (timestamp);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  member TEXT,
  created_at INTEGER,
  last_activity INTEGER,
  profile_count INTEGER DEFAULT 0
);
CREATE TABLE IF NOT EXISTS analytics (
  id TEXT PRIMARY KEY,
  event_type TEXT,
  data JSON,
  timestamp INTEGER,
  session TEXT
);`;

const BRIEF_ROWS = `
insert into profiles values
  ('p1', 's1', '{"latency":1}', 1000, 'nolarose', 'a.md'),
  ('p2', 's1', '{"latency":2}', 900, 'batch', 'b.md'),
  ('p3', 's2', '{"latency":3}', 2000, 'nolarose', 'a.md'),
  ('p4', null, null, null, null, null),
  (null, 's2', '{"latency":4}', 3000, 'nolarose', 'c.md');
insert into sessions values ('s1', 'wrong', 5, 6, 77), ('s3', 'idle', 500, null, 4), ('s4', null, null, null, null);
insert into analytics values ('e1', 'click', '{"x":1}', 1500, 's1'), ('e2', null, null, null, null), (null, 'click', '{}', 7, 's2');`;

function schemaOf(path: string): unknown[] {
  return inspect(path, (database) =>
    database
      .query("select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite_%' order by name")
      .values(),
  );
}

function oldDatabase(path: string, script: string): void {
  using database = new Database(path);
  database.exec(script);
}

test("a database of the original brief is taken over with its rows, and has then the same schema as a new one", async () => {
  using folder = new TempFolder();
  const path = folder.file("brief.db");
  oldDatabase(path, BRIEF_SCHEMA + BRIEF_ROWS);
  {
    await using store = createPool("sqlite", { path });
    await using fresh = createPool("sqlite", { path: folder.file("fresh.db") });
    await fresh.open();

    const { items } = await store.queryProfiles();
    expect(
      items.map(({ id, ...profile }) => [id.length === 36 ? "new" : id, profile.session, profile.timestamp]),
    ).toEqual([
      ["new", "s2", 3000],
      ["p3", "s2", 2000],
      ["p1", "s1", 1000],
      ["p2", "s1", 900],
      ["p4", "unknown", 0],
    ]);
    expect(await store.getProfile("p4")).toEqual({
      id: "p4",
      session: "unknown",
      profile: {},
      timestamp: 0,
      member: "unknown",
      document: "unknown",
    });
    expect(await store.getSession("s1")).toEqual({
      id: "s1",
      member: "batch",
      createdAt: 900,
      lastActivity: 1000,
      profileCount: 2,
    });
    expect(await store.getSession("s3")).toMatchObject({
      member: "idle",
      createdAt: 500,
      lastActivity: 500,
      profileCount: 0,
    });
    expect(await store.getSession("s4")).toMatchObject({ member: "unknown", createdAt: 0, profileCount: 0 });
    expect((await store.queryEvents()).items).toMatchObject([
      { id: "e1", type: "click", data: { x: 1 }, session: "s1" },
      { type: "click", session: "s2", timestamp: 7 },
      { id: "e2", type: "unknown", data: {}, session: null },
    ]);
    await store.insertProfile("s1", { latency: 5 }, "batch", "b.md");
    expect((await store.getSession("s1"))?.profileCount).toBe(3);
  }
  expect(schemaOf(path)).toEqual(schemaOf(folder.file("fresh.db")));
  inspect(path, (database) => expect(singleValue(database, "select count(*) from sessions")).toBe(5));
  await using again = createPool("sqlite", { path });
  expect((await again.queryProfiles()).items.length).toBe(6);
});

test("a table of one of our names that is somebody else's is refused, and stays as it is", async () => {
  using folder = new TempFolder();
  const path = folder.file("app.db");
  oldDatabase(
    path,
    "create table profiles (id text primary key, name text); create table sessions (token text); insert into sessions values ('t')",
  );
  const before = schemaOf(path);
  await using store = createPool("sqlite", { path });
  expect(await failureOf(store.open())).toMatchObject({
    code: "MIGRATION_FAILED",
    message: expect.stringContaining('has a table "profiles" that is not telepool\'s'),
  });
  const ours = schemaOf(path).filter((row) => !JSON.stringify(row).includes("telepool_"));
  expect(ours).toEqual(before);
});

test("pruning by size makes the file smaller", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path, synchronous: "normal" });
  const row = { session: "session", profile: { text: "x".repeat(1000) }, member: "member", document: "document" };
  await store.insertProfiles(Array.from({ length: 10_000 }, () => row));
  await store.prune({ maxBytes: 2_000_000 });
  expectSound(path);
  await store.close();
  expect(statSync(path).size).toBeLessThan(2_000_000);
});

test("a file that was made without auto_vacuum is pruned too; its pages are used again", async () => {
  using folder = new TempFolder();
  const path = folder.file("brief.db");
  oldDatabase(path, BRIEF_SCHEMA);
  await using store = createPool("sqlite", { path, synchronous: "normal" });
  const row = { session: "session", profile: { text: "x".repeat(1000) }, member: "member", document: "document" };
  await store.insertProfiles(Array.from({ length: 5000 }, () => row));
  const { profiles } = await store.prune({ maxRows: 100 });
  expect(profiles).toBe(4900);
  expectSound(path);
  const pages = () => inspect(path, (database) => Number(singleValue(database, "pragma page_count")));
  const before = pages();
  await store.insertProfiles(Array.from({ length: 4000 }, () => row));
  expect(pages()).toBe(before);
});
