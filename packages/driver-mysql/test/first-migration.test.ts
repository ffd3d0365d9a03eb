/** The first migration, which cannot be rolled back here: broken off it is begun anew, and foreign rows are not touched. */
import { describe, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { describeOn, mysqlServer } from "@telepool/test-servers";
import { query } from "./query.ts";

const PROFILES = `create table profiles (id varchar(255) primary key, session varchar(255), profile json,
  timestamp bigint, member varchar(255), document varchar(255))`;

describeOn("mysql", { describe, test }, "the first migration", () => {
  test("goes on where one broke off between two tables", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    await query(database.url, PROFILES);
    await using store = createPool(database.url);
    await store.insertProfile("s", { x: 1 }, "m", "d");
    const [columns] = await query(
      database.url,
      "select is_nullable as nullable from information_schema.columns where table_schema = database() and table_name = 'profiles' and column_name = 'member'",
    );
    expect(columns).toEqual({ nullable: "NO" }); // it is telepool's own table now
  });

  test("refuses a table with rows, and says what to do", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    await query(database.url, PROFILES);
    await query(database.url, "insert into profiles values ('a', 's', '{}', 1, 'm', 'd')");
    await using store = createPool(database.url);
    const error = await store.open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "MIGRATION_FAILED", message: expect.stringContaining("insert … select") });
    expect((await query(database.url, "select id from profiles")).length).toBe(1);
  });

  test("another program's table of the same name is refused, and stays as it is", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    await query(database.url, "create table sessions (token varchar(9))");
    await using store = createPool(database.url);
    expect(await store.open().catch((thrown: unknown) => thrown)).toMatchObject({ code: "MIGRATION_FAILED" });
    expect(await query(database.url, "select * from sessions")).toEqual([]);
  });
});
