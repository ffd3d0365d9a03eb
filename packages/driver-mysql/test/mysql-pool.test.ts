/** The class of the original brief, and the tables that it makes. */
import { describe, expect, test } from "bun:test";
import { createPool, TelemetryPool } from "@telepool/core";
import { describeOn, mysqlServer } from "@telepool/test-servers";
import { MySQLPool } from "../src/index.ts";
import { query } from "./query.ts";

describeOn("mysql", { describe, test }, "MySQLPool", () => {
  test("is a store with the pool's size as connectionLimit", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    const { hostname, port, username, password } = new URL(database.url);
    const pool = new MySQLPool({
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: database.name,
      connectionLimit: 7,
    });
    expect(pool).toBeInstanceOf(TelemetryPool);
    await pool.insertProfile("session-1", { latencyMs: 2.5 }, "nolarose", "guide.md");
    expect((await pool.querySessions("nolarose")).items).toMatchObject([{ id: "session-1", profileCount: 1 }]);
    expect(pool.stats()).toMatchObject({ maxPoolSize: 7 });
    await pool.close();
  });

  test("refuses wrong options when it is made", () => {
    expect(() => new MySQLPool({ database: "d", connectionLimit: 0 })).toThrow(
      expect.objectContaining({ field: "options.pool.max" }),
    );
    expect(() => new MySQLPool({})).toThrow(expect.objectContaining({ field: "mysql.database" }));
  });

  test("keeps times as bigint, and names by their code points, without padding", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    await using store = createPool(database.url);
    await store.open();
    const columns = await query(
      database.url,
      `select column_name as name, data_type as type, collation_name as collation from information_schema.columns
       where table_schema = database() and table_name = 'profiles' order by ordinal_position`,
    );
    const [id, session, profile, timestamp] = columns;
    for (const column of [id, session]) {
      expect(column).toMatchObject({ type: "varchar", collation: expect.stringMatching(/^utf8mb4_(nopad|0900)_bin$/) });
    }
    expect(profile?.type).toMatch(/^(json|longtext)$/);
    expect(timestamp?.type).toBe("bigint");
  });
});
