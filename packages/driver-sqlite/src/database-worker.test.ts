import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { createPool } from "@telepool/core";
import { sql } from "kysely";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";
import { DatabaseWorker } from "./database-worker.ts";
import { parseSqliteOptions } from "./sqlite-options.ts";
import type { WorkerTask } from "./worker-protocol.ts";

const DYING_THREAD = new URL("../test/fixtures/dying-thread.ts", import.meta.url);
/** About a second's work. */
const LONG =
  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select count(*) as count from n";

function statement(text: string, ...parameters: unknown[]): WorkerTask {
  return { kind: "execute", statement: { sql: text, parameters } };
}

/** A thread with a database of its own, which writes. */
async function openWorker(folder: TempFolder): Promise<DatabaseWorker> {
  const worker = new DatabaseWorker();
  await worker.open(parseSqliteOptions({ path: folder.file("telepool.db") }), { writes: true, busyTimeoutMs: 0 });
  return worker;
}

test("tasks are done in order, and close comes after them", async () => {
  using folder = new TempFolder();
  const worker = await openWorker(folder);
  const order: string[] = [];
  const tasks = [
    worker.perform(statement("create table numbers (n integer primary key)")).then(() => order.push("create")),
    worker.perform(statement("insert into numbers values (?)", 7)).then(() => order.push("insert")),
    worker.perform(statement("select n from numbers")).then((result) => order.push(JSON.stringify(result))),
    worker.close().then(() => order.push("close")),
  ];
  await Promise.all(tasks);
  expect(order).toEqual(["create", "insert", '{"rows":[{"n":7}]}', "close"]);
  expect(existsSync(folder.file("telepool.db-wal"))).toBe(false); // the handle was closed, not only dropped
});

test("SQLite's codes and messages come through the thread's border", async () => {
  using folder = new TempFolder();
  const worker = await openWorker(folder);
  await worker.perform(statement("create table numbers (n integer primary key)"));
  await worker.perform(statement("insert into numbers values (7)"));
  expect(await failureOf(worker.perform(statement("insert into numbers values (7)")))).toMatchObject({
    code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    message: "UNIQUE constraint failed: numbers.n",
  });
  expect(await failureOf(worker.perform(statement("selec 1")))).toMatchObject({
    code: "SQLITE_ERROR",
    message: 'near "selec": syntax error',
  });
  expect(await worker.perform(statement("select n from numbers"))).toEqual({ rows: [{ n: 7 }] });
  await worker.close();
});

test("a scan's error is a TelepoolError with the cause, and telepool's own errors keep their code", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const db = await store.kysely();
  const wrong = db.selectNoFrom(sql`no_such_function()`.as("x")).execute();
  expect(await failureOf(wrong)).toMatchObject({
    code: "STATEMENT_FAILED",
    message: "SQLite could not run the statement (SQLITE_ERROR: no such function: no_such_function)",
    cause: { code: "SQLITE_ERROR" },
  });
  const worker = new DatabaseWorker();
  const config = parseSqliteOptions({ path: folder.file("nowhere/telepool.db") });
  const opening = worker.open(config, { writes: false, busyTimeoutMs: 0 });
  expect(await failureOf(opening)).toMatchObject({ name: "TelepoolError", code: "DATABASE_NOT_FOUND" });
  worker.end();
});

test("what cannot be sent to a thread is refused, and the thread stays usable", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  const db = await store.kysely();
  const unsendable = db.selectNoFrom(sql`${Symbol("unsendable")}`.as("x")).execute();
  expect(await failureOf(unsendable)).toMatchObject({ code: "STATEMENT_FAILED" });
  expect(await db.selectNoFrom(sql`${7}`.as("x")).execute()).toEqual([{ x: 7 }]);
});

test("a thread that is ended in the middle of a task rejects it, once, and refuses the next", async () => {
  using folder = new TempFolder();
  const worker = await openWorker(folder);
  let settled = 0;
  const tasks = [LONG, "select 1"].map((text) => failureOf(worker.perform(statement(text)).finally(() => settled++)));
  worker.end();
  worker.end();
  for (const task of tasks) expect(await task).toMatchObject({ code: "CONNECTION_LOST" });
  expect(worker.isLost).toBe(true);
  expect(await failureOf(worker.perform(statement("select 1")))).toMatchObject({ code: "CONNECTION_LOST" });
  await worker.close();
  expect(settled).toBe(2);
});

test.each<WorkerTask>([{ kind: "close" }, { kind: "checkpoint", mode: "full" }])(
  "a thread that dies at %j rejects everything that it still had to do",
  async (task) => {
    const worker = new DatabaseWorker(DYING_THREAD);
    await worker.perform({ kind: "checkpoint", mode: "passive" });
    const tasks = [worker.perform(task), worker.perform(statement("select 1"))];
    for (const lost of tasks.map(failureOf)) expect(await lost).toMatchObject({ code: "CONNECTION_LOST" });
    expect(worker.isLost).toBe(true);
    await worker.close();
  },
);
