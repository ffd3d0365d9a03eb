/** Databases that older or other programs have made. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { createPool, type JsonObject } from "@telepool/core";
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

/** As in the brief, but without types, so that every value stays what it is. */
const UNTYPED_SCHEMA = `
create table profiles (id, session, profile, timestamp, member, document);
create table sessions (id, member, created_at, last_activity, profile_count);
create table analytics (id, event_type, data, timestamp, session);`;

const PROFILES: [id: string, profile: string, readable: JsonObject][] = [
  ["array", "'[1,2]'", { adopted: [1, 2] }],
  ["bytes", "cast('{\"x\":1}' as blob)", { x: 1 }],
  ["cut", `'{"x":'`, { adopted: '{"x":' }],
  ["empty", "''", { adopted: "" }],
  ["json5", "'{x:1}'", { adopted: "{x:1}" }],
  ["no-text", "x'fffe00'", { adopted: "//4A" }],
  ["null", "'null'", { adopted: null }],
  ["number", "7", { adopted: 7 }],
  ["object", `' {"x": 1.50} '`, { x: 1.5 }],
  ["quoted", `'"text"'`, { adopted: "text" }],
  ["text", "'it''s a text'", { adopted: "it's a text" }],
];

test("what an old table holds in place of JSON objects is kept under `adopted`, and all of it can be read", async () => {
  using folder = new TempFolder();
  const path = folder.file("old.db");
  const rows = PROFILES.map(([id, profile]) => `('${id}', 's', ${profile}, 5, 'm', 'd')`);
  oldDatabase(
    path,
    `${UNTYPED_SCHEMA}
    insert into profiles values ${rows.join()};
    insert into analytics values ('e1', 'click', 'no json', 1, null), ('e2', 'click', '[]', '2', null);`,
  );
  await using store = createPool("sqlite", { path });
  const { items } = await store.queryProfiles();
  expect(items.reverse().map(({ id, profile }) => [id, profile])).toEqual(
    PROFILES.map(([id, , readable]) => [id, readable]),
  );
  expect(await store.aggregate({ metric: "x" })).toMatchObject([{ count: 2, max: 1.5 }]);
  expect(await store.aggregate({ metric: "adopted" })).toMatchObject([{ count: 1, max: 7 }]);
  const events = (await store.queryEvents()).items;
  expect(events.map(({ data, timestamp }) => [data, timestamp])).toEqual([
    [{ adopted: [] }, 2],
    [{ adopted: "no json" }, 1],
  ]);
});

test("an object's text is taken over to the letter", async () => {
  using folder = new TempFolder();
  const path = folder.file("old.db");
  const text = ' {"x": 1.50, "x": 2} ';
  oldDatabase(path, `${UNTYPED_SCHEMA} insert into profiles values ('p', 's', '${text}', 5, 'm', 'd');`);
  await using store = createPool("sqlite", { path });
  await store.open();
  inspect(path, (database) => expect(singleValue(database, "select profile from profiles")).toBe(text));
});

test.each([
  ["1700000000000", 1_700_000_000_000],
  ["'1700000000000'", 1_700_000_000_000],
  ["' 1700000000000 '", 1_700_000_000_000],
  ["1700000000000.75", 1_700_000_000_000],
  ["'1.5'", 1],
  ["-5", -5],
  ["'yesterday'", 0],
  ["''", 0],
  ["x'3137'", 0],
  ["9e99", 0],
  ["9223372036854775807", 0],
])("an old time %s becomes %d, in profiles, sessions and events", async (old, time) => {
  using folder = new TempFolder();
  const path = folder.file("old.db");
  oldDatabase(
    path,
    `${UNTYPED_SCHEMA}
    insert into profiles values ('p', 's1', '{"x":1}', ${old}, 'm', 'd');
    insert into sessions values ('s2', 'm', ${old}, ${old}, 0);
    insert into analytics values ('e', 'click', '{}', ${old}, null);`,
  );
  await using store = createPool("sqlite", { path });
  expect((await store.queryProfiles()).items[0]?.timestamp).toBe(time);
  for (const id of ["s1", "s2"]) {
    expect(await store.getSession(id)).toMatchObject({ createdAt: time, lastActivity: time });
  }
  expect((await store.queryEvents()).items[0]?.timestamp).toBe(time);
  expect((await store.aggregate({ metric: "x", groupBy: { bucketMs: 1000 } })).length).toBe(1);
});

test("every page of a large old table is mended", async () => {
  using folder = new TempFolder();
  const path = folder.file("old.db");
  oldDatabase(
    path,
    `${UNTYPED_SCHEMA}
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
    insert into profiles select 'p' || i, 's', 'text ' || i, i, 'm', 'd' from n;`,
  );
  await using store = createPool("sqlite", { path });
  await store.open();
  const profiles = await Array.fromAsync(store.profiles());
  expect(profiles.map(({ profile }) => profile)).toEqual(
    Array.from({ length: 1000 }, (_, number) => ({ adopted: `text ${1000 - number}` })),
  );
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
