/** The class of the original brief, and the tables that it makes. */
import { describe, expect, test } from "bun:test";
import { createPool, TelemetryPool } from "@telepool/core";
import { describeOn, postgresServer } from "@telepool/test-servers";
import { PostgreSQLPool } from "../src/index.ts";
import { query } from "./query.ts";

describeOn("postgresql", { describe, test }, "PostgreSQLPool", () => {
  test("is a store with the pool's size as max and min", async () => {
    await using database = await (await postgresServer()).createDatabase();
    const pool = new PostgreSQLPool({ connectionString: database.url, max: 7, min: 2 });
    expect(pool).toBeInstanceOf(TelemetryPool);
    await pool.insertProfile("session-1", { latencyMs: 2.5 }, "nolarose", "guide.md");
    expect((await pool.querySessions("nolarose")).items).toMatchObject([{ id: "session-1", profileCount: 1 }]);
    expect(pool.stats()).toMatchObject({ maxPoolSize: 7 });
    expect(pool.stats().poolSize).toBeGreaterThanOrEqual(2);
    await pool.close();
  });

  test("refuses wrong options when it is made", () => {
    expect(() => new PostgreSQLPool({ max: 0 })).toThrow(expect.objectContaining({ field: "options.pool.max" }));
    expect(() => new PostgreSQLPool({ port: 0 })).toThrow(expect.objectContaining({ field: "postgresql.port" }));
  });

  test("keeps documents as jsonb, times as bigint, and names by their bytes", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await using store = createPool(database.url);
    await store.open();
    const columns = await query(
      database.url,
      `select column_name as name, data_type as type, collation_name as collation from information_schema.columns
       where table_name = 'profiles' order by ordinal_position`,
    );
    const name = { type: "character varying", collation: "C" };
    expect(columns).toEqual([
      { name: "id", ...name },
      { name: "session", ...name },
      { name: "profile", type: "jsonb", collation: null },
      { name: "timestamp", type: "bigint", collation: null },
      { name: "member", ...name },
      { name: "document", ...name },
    ]);
  });

  test("goes on when a table is altered under its prepared statements", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await using store = createPool(database.url);
    const id = await store.insertProfile("session-1", { latencyMs: 2.5 }, "nolarose", "guide.md");
    for (let n = 0; n < 3; n++) expect((await store.queryProfiles()).items.length).toBe(1); // prepared by now
    await query(database.url, "alter table profiles add column extra integer");
    expect((await store.queryProfiles()).items.map((profile) => profile.id)).toEqual([id]);
    await store.insertProfile("session-1", { latencyMs: 3 }, "nolarose", "guide.md");
    expect((await store.queryProfiles()).items.length).toBe(2);
  });
});
