/** What comparing rows finds: with the database itself, and with a scratch database that the copy was restored into. */
import { expect, test } from "bun:test";
import { loadDriver, TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { type RawBuilder, sql } from "kysely";
import { failure } from "../bucket/r2-fixture.ts";
import { type CopyBench, emptyStore, keysWith, openCopyBench, someProfiles } from "./copy-bench.ts";

/** Does something that the triggers do not see. */
async function unseen({ store }: CopyBench, trigger: string, statement: RawBuilder<unknown>): Promise<void> {
  const db = await store.kysely();
  await sql.raw(`drop trigger ${trigger}`).execute(db);
  await statement.execute(db);
  await (await openSyncSource(store)).changes.install();
}

test.each([
  [
    "a profile that was changed",
    "telepool_profile_updated",
    sql`update profiles set profile = '{"other":1}' where id = 'a-1'`,
    { where: "profiles/a-1", problem: "it differs from the copy" },
  ],
  [
    "a session that was changed",
    "telepool_session_updated",
    sql`update sessions set member = 'other' where id = 'a-session-1'`,
    { where: "sessions/a-session-1", problem: "it differs from the copy" },
  ],
  [
    "an event that the copy lacks",
    "telepool_event_inserted",
    sql`insert into analytics (id, event_type, data, timestamp) values ('e-1', 'done', '{}', 1)`,
    { where: "analytics/e-1", problem: "it is in the database, and not in the copy" },
  ],
  [
    "an event that only the copy has",
    "telepool_event_deleted",
    sql`delete from analytics where id = 'e-0'`,
    { where: "analytics/e-0", problem: "it is in the copy, and not in the database" },
  ],
] as const)("%s behind the triggers' back is found", async (_, trigger, statement, finding) => {
  await using bench = await openCopyBench();
  const { store, sync } = bench;
  await store.insertProfiles(someProfiles(5, "a"));
  await store.recordEvent("done", {}, null, { id: "e-0", timestamp: 1 });
  await sync.now();
  await unseen(bench, trigger, statement);
  expect(await sync.verify("database")).toMatchObject({ ok: false, findingCount: 1, findings: [finding] });
});

test("the manifest of the last checkpoint, deleted while an older one is there, is found by what the database remembers", async () => {
  await using bench = await openCopyBench();
  const { store, sync, bucket } = bench;
  await store.insertProfiles(someProfiles(5, "a"));
  await sync.checkpoint();
  await store.insertProfiles(someProfiles(5, "b"));
  await sync.checkpoint();
  const [, last = ""] = await keysWith(bench, "/checkpoints/");
  expect(await sync.verify("database")).toMatchObject({ ok: true, checkpoints: 2 });
  await bucket.delete([last]);
  const findings = [{ where: last, problem: "it is missing" }];
  expect(await sync.verify("database")).toMatchObject({ ok: false, checkpoints: 1, findings });
});

test("rows that come, change and go while the copy is compared are no findings", async () => {
  await using bench = await openCopyBench();
  const { store, sync } = bench;
  await store.insertProfiles(someProfiles(300, "a"));
  await sync.now();
  const db = await store.kysely();
  const writing: Promise<unknown>[] = [];
  const write = async (round: number): Promise<void> => {
    await store.insertProfiles(someProfiles(20, `round-${round}`));
    await db
      .updateTable("profiles")
      .set({ document: `of round ${round}` })
      .where("id", "like", "%-7")
      .execute();
    await store.prune({ maxRows: 250, only: "profiles" });
  };
  bench.proxy.faults = ({ method }) => {
    if (method === "GET") writing.push(write(writing.length)); // with whatever is read of the copy
    return undefined;
  };
  const reports = [await sync.verify("database"), await sync.verify("database")];
  await Promise.all(writing);
  expect(writing.length).toBeGreaterThan(10);
  expect(reports.map(({ findings }) => findings)).toEqual([[], []]);
  expect((await keysWith(bench, "/log/")).length).toBeGreaterThan(0);
});

test("the store to restore into for a proof is made by the caller, and closed", async () => {
  let scratch: TelemetryPool | undefined;
  await using bench = await openCopyBench({
    scratch: () => {
      scratch = emptyStore();
      return scratch;
    },
  });
  await bench.store.insertProfiles(someProfiles(5, "a"));
  await bench.sync.now();
  expect(await bench.sync.verify("restore")).toMatchObject({ level: "restore", ok: true, rows: 8 });
  if (scratch === undefined) throw new Error("no store was made");
  await failure(scratch.getProfile("a-1"), "POOL_CLOSED");
});

test("a scratch store that holds rows is not touched", async () => {
  const scratch = emptyStore();
  await scratch.insertProfiles(someProfiles(1, "mine"));
  await using bench = await openCopyBench({ scratch: () => scratch });
  await bench.store.insertProfiles(someProfiles(5, "a"));
  await bench.sync.now();
  await failure(bench.sync.verify("restore"), "TARGET_NOT_EMPTY");
});

test("a restored database that its own check finds corrupt is a finding, and the proof fails", async () => {
  await using bench = await openCopyBench({
    scratch: async () => {
      const driver = await loadDriver("sqlite", { path: ":memory:" });
      const integrityCheck = sql<{ finding: string }>`select 'row 3 missing from index' as finding`;
      return new TelemetryPool({ driver: { ...driver, dialect: { ...driver.dialect, integrityCheck } } });
    },
  });
  await bench.store.insertProfiles(someProfiles(5, "a"));
  await bench.sync.now();
  const { ok, findings } = await bench.sync.verify("restore");
  expect([ok, findings]).toEqual([
    false,
    [{ where: ":memory:", problem: "the database's own check found: row 3 missing from index" }],
  ]);
  expect(await bench.sync.prove()).toMatchObject({ ok: false, message: expect.stringContaining("row 3 missing") });
});
