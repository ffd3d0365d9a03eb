/** Whatever a store can hold comes back as it was, from a checkpoint and from the log. */
import { expect, test } from "bun:test";
import type { TelemetryPool } from "@telepool/core";
import { type RawBuilder, sql } from "kysely";
import { emptyStore, openCopyBench, rowsOf, someProfiles } from "./copy-bench.ts";

type Write = (store: TelemetryPool) => Promise<unknown>;

const raw =
  (...statements: RawBuilder<unknown>[]): Write =>
  async (store) => {
    const db = await store.kysely();
    for (const statement of statements) await statement.execute(db);
  };

const profile = (id: string, json: string, session = id) =>
  sql`insert into profiles (id, session, profile, timestamp, member, document) values (${id}, ${session}, ${json}, 1000, 'm', 'd')`;
const session = (id: string, createdAt = 1000, lastActivity = 1000) =>
  sql`insert into sessions (id, member, created_at, last_activity, profile_count) values (${id}, 'm', ${createdAt}, ${lastActivity}, 1)`;

const HUGE = "🦊 and text; ".repeat(400_000); // 5 MiB and more

/** What is awkward, each with a session of its own. */
const contents: Readonly<Record<string, Write>> = {
  "numbers that no double holds, spaces, equal names and escapes": raw(
    session("numbers"),
    profile("numbers", `{ "big":12345678901234567890.10, "e":1E400,"same":1,"same":2 , "text":"\\u00e4\\/🦊" }`),
  ),
  "a profile of more than 5 MiB": (store) => store.insertProfile("huge", { text: HUGE }, "m", "d", { id: "huge" }),
  "an event without a session": (store) => store.recordEvent("t", { a: 1 }, null),
  "an event of a session that has no profile": (store) => store.recordEvent("t", {}, "nowhere"),
  "a session without profiles": raw(session("alone"), sql`update sessions set profile_count = 0 where id = 'alone'`),
  "names with quotes, line ends and what looks like the next member of a line": (store) =>
    store.insertProfile('s","profile":{"x":1}}\n', { a: ',"profile":{' }, '\\","profile":', "d\r\n\u2028", {
      id: '{"kind":"event"}',
    }),
  "names that are empty, as older programs wrote them": raw(
    session("empty"),
    profile("", "{}", "empty"),
    sql`update profiles set member = '', document = '' where id = ''`,
  ),
  "times before 1970": raw(
    session("early", -5, -5),
    profile("early", "{}"),
    sql`update profiles set timestamp = -5 where id = 'early'`,
  ),
  "a session whose times were set by hand": raw(
    session("by-hand"),
    profile("by-hand", "{}"),
    sql`update sessions set created_at = 5000, last_activity = 7 where id = 'by-hand'`,
  ),
  "very many small rows of one time": (store) => store.insertProfiles(manyOfOneTime()),
};

function manyOfOneTime() {
  return someProfiles(2500, "many").map((row) => ({ ...row, timestamp: 1000, profile: {} }));
}

test.each([
  ["a checkpoint", true],
  ["the log", false],
])("all that is awkward comes back from %s", async (_, isBefore) => {
  await using bench = await openCopyBench();
  const { store, sync, archive } = bench;
  if (!isBefore) await sync.now();
  for (const write of Object.values(contents)) await write(store);
  const { sequence } = await sync.now();
  expect(sequence > 0).toBe(!isBefore);
  await using target = emptyStore();
  await archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(store));
  expect(await textsOf(target)).toEqual(await textsOf(store));
  expect(await sync.verify("database")).toMatchObject({ ok: true, findings: [] });
});

/** The JSON as it is stored, and the counts. */
async function textsOf(store: TelemetryPool): Promise<unknown> {
  const db = await store.kysely();
  return [
    await db.selectFrom("profiles").select(["id", "profile"]).orderBy("id").execute(),
    await db.selectFrom("analytics").select(["id", "data"]).orderBy("id").execute(),
    await db.selectFrom("sessions").select(["id", "profile_count"]).orderBy("id").execute(),
  ];
}

test("line ends between the parts of a document become spaces in the log, and nothing else of it changes", async () => {
  await using bench = await openCopyBench();
  await bench.sync.now();
  await raw(session("p"), profile("p", '{\r\n  "a": 1,\n\n"b": "x\\ny"}'))(bench.store);
  await bench.sync.now();
  await using target = emptyStore();
  await bench.archive.restore(target);
  const db = await target.kysely();
  expect(await db.selectFrom("profiles").select("profile").execute()).toEqual([
    { profile: '{   "a": 1, "b": "x\\ny"}' },
  ]);
  expect(await rowsOf(target)).toEqual(await rowsOf(bench.store));
});

test("when everything is pruned, everything is gone in the copy as well", async () => {
  await using bench = await openCopyBench();
  await bench.store.insertProfiles(someProfiles(700, "a"));
  await bench.store.recordEvent("t", {}, "a-session-0");
  await bench.sync.now();
  await bench.store.prune({ maxRows: 0 });
  expect((await bench.sync.now()).rows).toEqual({ profiles: 0, events: 0, sessions: 0, deleted: 704 });
  await using target = emptyStore();
  await bench.archive.restore(target);
  expect((await rowsOf(target)).size).toBe(0);
});

test.each([
  ["within one object", false],
  ["from one object to the next", true],
])("an id that is deleted and comes again with other content is what it was last, %s", async (_, isCopiedBetween) => {
  await using bench = await openCopyBench();
  const { store, sync } = bench;
  const db = await store.kysely();
  await sync.now();
  for (let round = 0; round < 4; round++) {
    await db.deleteFrom("profiles").where("id", "=", "a-0").execute();
    await sql`update sessions set profile_count = (select count(*) from profiles where session = sessions.id)`.execute(
      db,
    );
    if (isCopiedBetween) await sync.now();
    const [row] = someProfiles(1, "a");
    if (row !== undefined) await store.insertProfiles([{ ...row, session: `s-${round % 2}`, profile: { round } }]);
    await db.deleteFrom("analytics").execute();
    await store.recordEvent("t", { round }, null, { id: "e" });
    if (isCopiedBetween) await sync.now();
  }
  await sync.now();
  await using target = emptyStore();
  await bench.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(store));
});
