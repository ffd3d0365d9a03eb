/** Changes are noted for whoever makes them: another role, another search path, and tables in a schema of their own. */
import { describe, expect, test } from "bun:test";
import { TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { describeOn, postgresServer } from "@telepool/test-servers";
import { sql } from "kysely";
import { pgDriver } from "../src/pg-driver.ts";

const INSERT = "('1', 'session', '{}', 1, 'member', 'document')";

describeOn("postgresql", { describe, test }, "PostgreSQL", () => {
  test("what a role that may only insert writes is noted, with whichever search path", async () => {
    await using database = await (await postgresServer()).createDatabase();
    const role = `r${crypto.randomUUID().slice(0, 8)}`;
    await using store = new TelemetryPool({ driver: pgDriver({ url: database.url }) });
    const { changes } = await openSyncSource(store);
    await changes.install();
    const db = await store.kysely();
    await sql.raw(`create role ${role}`).execute(db);
    await sql.raw(`grant insert on profiles to ${role}`).execute(db);
    await db.transaction().execute(async (trx) => {
      await sql.raw(`set local role ${role}`).execute(trx);
      await sql`set local search_path to nowhere`.execute(trx);
      await sql`create temporary table telepool_changes (kind int, id text) on commit drop`.execute(trx);
      await sql.raw(`insert into public.profiles values ${INSERT}`).execute(trx);
      const { rows } = await sql`select * from telepool_changes`.execute(trx);
      expect(rows).toEqual([]);
    });
    const page = await changes.page({ maxRows: 10, maxBytes: 1000 });
    expect(page.map(({ table, id }) => [table, id])).toEqual([["profiles", "1"]]);
    await sql.raw(`drop owned by ${role}`).execute(db);
    await sql.raw(`drop role ${role}`).execute(db);
  });

  test("each schema notes its own changes", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await using outer = new TelemetryPool({ driver: pgDriver({ url: database.url }) });
    await sql`create schema "Other Schema"`.execute(await outer.kysely());
    await using inner = new TelemetryPool({ driver: pgDriver({ url: database.url, schema: "Other Schema" }) });
    const [{ changes: outside }, { changes: inside }] = [await openSyncSource(outer), await openSyncSource(inner)];
    await outside.install();
    await outer.recordEvent("click");
    await inside.install();
    await inner.insertProfile("session", {}, "member", "document");
    expect([await outside.count(), await inside.count()]).toEqual([1, 2]);
    await inside.remove();
    await outer.recordEvent("click");
    expect(await outside.count()).toBe(2);
  });

  test("a copy in bulk, an update from another table and a truncation: only the last is not noted", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await using store = new TelemetryPool({ driver: pgDriver({ url: database.url }) });
    const { changes } = await openSyncSource(store);
    await changes.install();
    const db = await store.kysely();
    await sql`insert into analytics select 'e' || n, 'click', '{}', n, null from generate_series(1, 1000) n`.execute(
      db,
    );
    expect(await changes.count()).toBe(1000);
    await sql`update analytics set timestamp = other.timestamp + (other.timestamp % 2) from analytics other
      where other.id = analytics.id`.execute(db);
    expect(await changes.count()).toBe(2000);
    await sql`truncate analytics`.execute(db);
    expect(await changes.count()).toBe(2000);
  });
});
