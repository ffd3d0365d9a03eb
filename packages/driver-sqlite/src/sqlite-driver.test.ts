/** What kinds of connections the driver opens, and how many of them a store has. */
import { expect, test } from "bun:test";
import { type ConnectionRole, createPool, type DriverConnection } from "@telepool/core";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";
import { sqliteDriver } from "./sqlite-driver.ts";

async function connect(path: string, role: ConnectionRole, options: object = {}): Promise<DriverConnection> {
  return await sqliteDriver({ path, ...options }).connect(role, new AbortController().signal);
}

const run = async (connection: DriverConnection, sql: string) => await connection.execute({ sql, parameters: [] });

test.each([
  ["full", 2],
  ["normal", 1],
  ["off", 0],
] as const)("the writer's commits are as durable as `synchronous: %s` says", async (synchronous, level) => {
  using folder = new TempFolder();
  const writer = await connect(folder.file("telepool.db"), "write", { synchronous });
  expect((await run(writer, "pragma synchronous")).rows).toEqual([{ synchronous: level }]);
  await writer.close();
});

test.each(["read", "scan"] as const)("a connection to %s refuses to write", async (role) => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  const writer = await connect(path, "write");
  await run(writer, "create table numbers (n integer)");
  const reader = await connect(path, role);
  for (const sql of ["insert into numbers values (1)", "create table more (n integer)", "drop table numbers"]) {
    expect(await failureOf(run(reader, sql))).toMatchObject({ code: "SQLITE_READONLY" });
  }
  expect((await run(reader, "select count(*) as count from numbers")).rows).toEqual([{ count: 0 }]);
  await reader.close();
  await writer.close();
});

test("a store has its twenty connections as soon as it is open", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  await store.open();
  expect(store.stats()).toMatchObject({ poolSize: 20, idle: 20, maxPoolSize: 20 });
  expect(store.stats().pools).toMatchObject({
    write: { poolSize: 1 },
    read: { poolSize: 19 },
    scan: { poolSize: 0 },
  });
});

test("with `min: 0` a store opens each connection when it is needed", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db"), pool: { min: 0 } });
  await store.open();
  expect(store.stats().pools).toMatchObject({ write: { poolSize: 1 }, read: { poolSize: 0 }, scan: { poolSize: 0 } });
  await store.queryProfiles();
  expect(store.stats().pools).toMatchObject({ write: { poolSize: 1 }, read: { poolSize: 1 }, scan: { poolSize: 0 } });
});
