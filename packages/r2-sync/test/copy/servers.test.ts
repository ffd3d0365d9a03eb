/** Copies of PostgreSQL and MySQL: what many write at the same time arrives once, and comes back into any other database. */
import { describe, expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { describeOn, mysqlServer, postgresServer } from "@telepool/test-servers";
import { sql } from "kysely";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { openBench } from "../bucket/r2-fixture.ts";
import { emptyStore, openCopyBench, rowsOf, someProfiles, syncOptions } from "./copy-bench.ts";

const servers = [
  ["postgresql", postgresServer],
  ["mysql", mysqlServer],
] as const;

for (const [kind, server] of servers) {
  describeOn(kind, { describe, test }, `a copy of ${kind}`, () => {
    test("what stores write while it is copied arrives once, also from a transaction that was open meanwhile", async () => {
      await using bench = await openBench();
      await using database = await (await server()).createDatabase();
      await using store = createPool(database.url);
      await using second = createPool(database.url);
      await using sync = new R2Sync({ ...syncOptions(bench), maxBatchBytes: 4096 });
      await sync.attach(store);
      await store.insertProfiles(someProfiles(30, "before"));
      await sync.now();
      await heldOpen(second, async () => {
        for (let round = 0; round < 5; round++) {
          await Promise.all([
            store.insertProfiles(someProfiles(20, `first-${round}`)),
            second.insertProfiles(someProfiles(20, `second-${round}`)),
            second.recordEvent("round", { round }, `first-${round}-session-0`),
            round === 3 ? second.prune({ maxRows: 60, only: "profiles" }) : undefined,
            sync.now(),
          ]);
        }
        await sync.now();
      });
      await sync.now();
      await using target = emptyStore();
      await new R2Archive(bench.bucket, bench.prefix).restore(target);
      const rows = await rowsOf(target);
      expect(rows).toEqual(await rowsOf(store));
      expect(rows.has("analytics/held-open")).toBe(true);
      expect(await sync.verify("database")).toMatchObject({ ok: true, findings: [] });
    });

    test("two that copy it race, and every change is put once", async () => {
      await using bench = await openBench();
      await using database = await (await server()).createDatabase();
      await using store = createPool(database.url);
      await using second = createPool(database.url);
      await using sync = new R2Sync(syncOptions(bench));
      await using other = new R2Sync(syncOptions(bench));
      await Promise.all([sync.attach(store), other.attach(second)]);
      await store.insertProfiles(someProfiles(10, "before"));
      await Promise.all([sync.now(), other.now()]);
      for (let round = 0; round < 5; round++) {
        await Promise.all([
          store.insertProfiles(someProfiles(5, `first-${round}`)),
          second.insertProfiles(someProfiles(5, `second-${round}`)),
          sync.now(),
          other.now(),
        ]);
      }
      await Promise.all([sync.checkpoint(), other.checkpoint(), sync.now(), other.now()]);
      await using target = emptyStore();
      await new R2Archive(bench.bucket, bench.prefix).restore(target);
      expect(await rowsOf(target)).toEqual(await rowsOf(store));
      expect(await new R2Archive(bench.bucket, bench.prefix).verify()).toMatchObject({ ok: true, findings: [] });
    });

    test("a copy of SQLite comes back here, and from here into SQLite, row for row", async () => {
      await using origin = await openCopyBench();
      await origin.store.insertProfiles(awkward());
      await origin.store.recordEvent("ereignis 🦊", { a: [1, 2.5, "ä"] }, null);
      await origin.sync.now();
      await origin.store.insertProfiles(someProfiles(40, "later"));
      await origin.store.prune({ maxRows: 35, only: "profiles" });
      await origin.sync.now();
      await using database = await (await server()).createDatabase();
      await using store = createPool(database.url);
      await origin.archive.restore(store);
      expect(await rowsOf(store)).toEqual(await rowsOf(origin.store));
      const prefix = `${origin.prefix}back/`;
      await using sync = new R2Sync({ ...origin.options, prefix });
      await sync.attach(store);
      await sync.now();
      await store.insertProfiles(someProfiles(10, "here"));
      await store.prune({ maxRows: 30, only: "profiles" });
      await sync.now();
      await using target = emptyStore();
      const result = await new R2Archive(origin.bucket, prefix).restore(target);
      expect(result.sequence).toBe(1);
      expect(await rowsOf(target)).toEqual(await rowsOf(store));
      expect(await target.querySessions("*")).toEqual(await store.querySessions("*"));
    });
  });
}

/** Does work while a transaction is open that has written an event; then commits it. */
async function heldOpen(store: TelemetryPool, work: () => Promise<void>): Promise<void> {
  const written = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const db = await store.kysely();
  const transaction = db.transaction().execute(async (trx) => {
    await sql`insert into analytics (id, event_type, data, timestamp) values ('held-open', 't', '{}', 5)`.execute(trx);
    written.resolve();
    await done.promise;
  });
  await Promise.race([written.promise, transaction]);
  try {
    await work();
  } finally {
    done.resolve();
    await transaction;
  }
}

function awkward() {
  const profiles: object[] = [
    { text: "🦊 ä \u2028 \\ \" '" },
    { big: 9_007_199_254_740_991, small: 5e-324, negative: -0.1 },
    { empty: {}, list: [], nothing: null, "": 1 },
    { huge: "x".repeat(1_500_000) },
  ];
  return profiles.map((profile, index) => ({ ...base(index), profile }));
}

function base(index: number) {
  return {
    id: `awkward-${index} '"`,
    session: `s ${index % 2}`,
    member: "mé",
    document: "d\\",
    timestamp: 1000 + index,
  };
}
