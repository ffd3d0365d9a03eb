import { expect, test } from "bun:test";
import { MYSQL_ENGINE } from "../mysql/mysql-engine.ts";
import { PG_ENGINE } from "../pg/pg-engine.ts";
import type { Administrator } from "./engine.ts";

function answering(row: (sql: string) => Record<string, unknown>): Administrator {
  return { query: async (sql) => [row(sql)], close: async () => {} };
}

function pgWith(settings: Record<string, string>): Administrator {
  return answering((sql) => {
    const setting = sql.replace("show ", "");
    return { [setting]: settings[setting] ?? "on" };
  });
}

test("PostgreSQL keeps every commit while fsync, full_page_writes and synchronous_commit are on", async () => {
  expect(await PG_ENGINE.weakness(pgWith({}))).toBeUndefined();
  expect(await PG_ENGINE.weakness(pgWith({ synchronous_commit: "remote_write" }))).toBeUndefined();
  expect(await PG_ENGINE.weakness(pgWith({ fsync: "off" }))).toBe("fsync is off");
  expect(await PG_ENGINE.weakness(pgWith({ synchronous_commit: "off" }))).toBe("synchronous_commit is off");
  expect(await PG_ENGINE.weakness(pgWith({ full_page_writes: "off" }))).toBe("full_page_writes is off");
});

test("MySQL and MariaDB keep every commit while each is flushed and pages are written twice", async () => {
  const weakness = (flushes: unknown, doublewrite: unknown) =>
    MYSQL_ENGINE.weakness(answering(() => ({ flushes, doublewrite })));
  expect(await weakness(1, 1)).toBeUndefined();
  expect(await weakness(1, "DETECT_AND_RECOVER")).toBeUndefined();
  expect(await weakness(2, 1)).toBe("innodb_flush_log_at_trx_commit is 2");
  expect(await weakness(1, 0)).toBe("innodb_doublewrite is off");
  expect(await weakness(1, "DETECT_ONLY")).toBe("innodb_doublewrite is off");
});
