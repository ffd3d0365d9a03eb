/** What the server must allow before changes can be noted, and what its optimizer must not do when they are forgotten. */
import { describe, expect, test } from "bun:test";
import { TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { describeOn, mysqlServer, startMysql, type TestDatabase } from "@telepool/test-servers";
import { sql } from "kysely";
import { mysqlDriver } from "../src/mysql-driver.ts";

const MAY_WRITE = "create, alter, index, select, insert, update, delete";

/** A store over a database as a user of this test, who has these privileges on it alone. */
async function storeOf(database: TestDatabase, user: string, privileges: string): Promise<TelemetryPool> {
  const administrator = new TelemetryPool({ driver: mysqlDriver({ url: database.url }) });
  const db = await administrator.kysely();
  const url = new URL(database.url);
  await sql.raw(`create user '${user}'@'%'`).execute(db);
  await sql.raw(`grant ${privileges} on \`${url.pathname.slice(1)}\`.* to '${user}'@'%'`).execute(db);
  await administrator.close();
  url.username = user;
  url.password = "";
  return new TelemetryPool({ driver: mysqlDriver({ url: url.href }) });
}

async function dropUser(database: TestDatabase, user: string): Promise<void> {
  await using administrator = new TelemetryPool({ driver: mysqlDriver({ url: database.url }) });
  await sql.raw(`drop user '${user}'@'%'`).execute(await administrator.kysely());
}

describeOn("mysql", { describe, test }, "MySQL", () => {
  test("without the TRIGGER privilege changes cannot be noted, and the error names it", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    const user = `u${crypto.randomUUID().slice(0, 8)}`;
    await using store = await storeOf(database, user, MAY_WRITE);
    const { changes } = await openSyncSource(store);
    const refusal = await changes.install().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(String(refusal)).toContain("TRIGGER");
    await dropUser(database, user);
  });

  test("when the user who made the triggers is gone, nobody can write, and the error says why", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    const user = `u${crypto.randomUUID().slice(0, 8)}`;
    const store = await storeOf(database, user, `${MAY_WRITE}, trigger, drop`);
    await (await openSyncSource(store)).changes.install();
    await store.close();
    await dropUser(database, user);
    await using other = new TelemetryPool({ driver: mysqlDriver({ url: database.url }) });
    const refusal = await other.recordEvent("click").catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(String(refusal)).toContain(user);
    const { changes } = await openSyncSource(other);
    await changes.remove();
    await changes.install();
    await other.recordEvent("click");
    expect(await changes.count()).toBe(1);
  });
});

describeOn(
  "mysql",
  { describe, test },
  "MySQL with a binary log",
  () => {
    test("whoever lacks SUPER is told of log_bin_trust_function_creators, and can note changes once it is set", async () => {
      await using server = await startMysql({ settings: { "disable-log-bin": "OFF", "log-bin": "binlog" } });
      await using database = await server.createDatabase();
      await using store = await storeOf(database, "plain", `${MAY_WRITE}, trigger`);
      const { changes } = await openSyncSource(store);
      const refusal = await changes.install().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: "PERMISSION_DENIED" });
      expect(String(refusal)).toContain("log_bin_trust_function_creators");
      await using administrator = new TelemetryPool({ driver: mysqlDriver({ url: database.url }) });
      await sql`set global log_bin_trust_function_creators = 1`.execute(await administrator.kysely());
      await changes.install();
      await store.insertProfile("session", {}, "member", "document");
      expect(await changes.count()).toBe(2);
    });
  },
  "throwaway server",
);
