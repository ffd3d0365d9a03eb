/** What a store says that cannot connect, and where its connections go. */
import { describe, expect, test } from "bun:test";
import { isTelepoolError, type MysqlDriverOptions, TelemetryPool, type TelepoolError } from "@telepool/core";
import { describeOn, makeCertificates, mysqlServer, startMysql, TcpProxy } from "@telepool/test-servers";
import { mysqlDriver } from "../src/mysql-driver.ts";
import { query } from "./query.ts";

const IMPATIENT = { pool: { max: 2, acquireTimeoutMs: 1000 } };
const row = ["session-1", { latency: 1 }, "nolarose", "spec.md"] as const;

function storeOf(options: MysqlDriverOptions): TelemetryPool {
  return new TelemetryPool({ driver: mysqlDriver(options), ...IMPATIENT });
}

/** Expects a store not to open, and gives the error. */
async function refusal(options: MysqlDriverOptions): Promise<TelepoolError> {
  const store = storeOf(options);
  const error = await store.open().catch((thrown: unknown) => thrown);
  await store.close();
  if (!isTelepoolError(error)) throw new Error(`expected a TelepoolError, got ${error}`);
  return error;
}

describeOn("mysql", { describe, test }, "connecting", () => {
  test("a wrong password is told at once, and not repeated", async () => {
    await using server = await startMysql({ password: "right-password" });
    const { url } = await server.createDatabase();
    const error = await refusal({ url, password: "wrong-password" });
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(Bun.inspect(error)).not.toContain("wrong-password");
    const right = storeOf({ url: url.replace(/:[^:@/]*@/, "@"), password: async () => "right-password" });
    await right.insertProfile(...row);
    await right.close();
    expect((await refusal({ url: url.replace(/:[^:@/]*@/, "@") })).code).toBe("PERMISSION_DENIED");
  });

  test("a database that does not exist is DATABASE_NOT_FOUND", async () => {
    const { url } = await mysqlServer();
    expect((await refusal({ url, database: "no_such_database" })).code).toBe("DATABASE_NOT_FOUND");
  });

  test("where nobody listens, the failure is the cause of the timeout", async () => {
    const error = await refusal({ host: "127.0.0.1", port: 1, database: "d" });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(error.cause).toMatchObject({ code: "CONNECT_FAILED" });
    expect(String((error.cause as Error).message)).toContain("127.0.0.1:1");
  });

  test("a password that never comes does not outlast it either", async () => {
    const password = () => new Promise<string>(() => {});
    const error = await refusal({ host: "127.0.0.1", port: 1, database: "d", password, connectTimeoutMs: 50 });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(String((error.cause as Error).message)).toContain("within 50 ms");
  });

  test("a server that never answers does not outlast connectTimeoutMs", async () => {
    await using database = await (await mysqlServer()).createDatabase();
    const { hostname, port } = new URL(database.url);
    await using proxy = await TcpProxy.start({ host: hostname, port: Number(port) });
    proxy.blackhole();
    const error = await refusal({ url: proxy.through(database.url), connectTimeoutMs: 100 });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(String((error.cause as Error).message)).toContain("within 100 ms");
  });
});

describeOn(
  "mysql",
  { describe, test },
  "a server that takes small packets",
  () => {
    test("refuses alone the row that is larger than one, and takes batches in pieces", async () => {
      await using server = await startMysql({ settings: { max_allowed_packet: 1024 * 1024 } });
      const { url } = await server.createDatabase();
      const store = new TelemetryPool({ driver: mysqlDriver({ url }) });
      await store.open();
      const insert = (text: string) => store.insertProfile("session-1", { text }, "nolarose", "spec.md");
      const texts = [10, 900_000, 1_000_000, 500_000, 500_000, 500_000].map((length) => "x".repeat(length));
      const outcomes = await Promise.allSettled(texts.map(insert));
      expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([true, true, false, true, true, true]);
      expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({ code: "ROW_TOO_LARGE" });
      expect((await store.getSession("session-1"))?.profileCount).toBe(5);
      await store.close();
    });
  },
  "throwaway server",
);

describeOn(
  "mysql",
  { describe, test },
  "reading only",
  () => {
    test("readOnly refuses writes, and a database that is not telepool's stays as it is", async () => {
      await using database = await (await mysqlServer()).createDatabase();
      expect((await refusal({ url: database.url, readOnly: true })).code).toBe("READ_ONLY");
      expect(await query(database.url, "show tables")).toEqual([]);
      const writing = storeOf({ url: database.url });
      const id = await writing.insertProfile(...row);
      await writing.close();
      const reading = storeOf({ url: database.url, readOnly: true });
      expect((await reading.getProfile(id))?.member).toBe("nolarose");
      expect(await reading.insertProfile(...row).catch((error: unknown) => error)).toMatchObject({ code: "READ_ONLY" });
      await reading.close();
    });

    test("a server that is read-only is READ_ONLY", async () => {
      await using server = await startMysql();
      const { url, name } = await server.createDatabase();
      // Not an administrator, whom a server lets write nevertheless.
      await query(url, "create user reader@'%' identified by ''");
      await query(url, `grant all on \`${name}\`.* to reader@'%'`);
      const reader = url.replace(/\/\/[^@]*@/, "//reader@");
      const writing = storeOf({ url: reader });
      await writing.open();
      await query(url, "set global read_only = 1");
      const error = await writing.insertProfile(...row).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "READ_ONLY" });
      expect((await writing.queryProfiles()).items).toEqual([]);
      await writing.close();
    });
  },
  "throwaway server",
);

describeOn(
  "mysql",
  { describe, test },
  "several hosts",
  () => {
    test("the first that can be written is taken, and the next when it is gone", async () => {
      await using first = await startMysql();
      await using second = await startMysql();
      await query(first.url, "create database d");
      await query(second.url, "create database d");
      const hosts = ["127.0.0.1:1", ...[first, second].map(({ port }) => `127.0.0.1:${port}`)];
      const options = { hosts, user: "telepool", database: "d" };
      const store = new TelemetryPool({ driver: mysqlDriver(options), pool: { max: 2, acquireTimeoutMs: 20_000 } });
      await store.insertProfile(...row);
      expect(await query(first.url, "select member from d.profiles")).toEqual([{ member: "nolarose" }]);
      await query(first.url, "set global read_only = 1");
      const other = new TelemetryPool({ driver: mysqlDriver(options) });
      await other.insertProfile(...row);
      expect(await query(second.url, "select member from d.profiles")).toEqual([{ member: "nolarose" }]);
      await Promise.all([store.close(), other.close()]);
    });

    test("reads go to a replica, and to the primary when it is gone", async () => {
      await using primary = await startMysql();
      await using replica = await startMysql();
      for (const server of [primary, replica]) await query(server.url, "create database d");
      const options = { host: "127.0.0.1", user: "telepool", database: "d" };
      // Two servers with different rows show where a read went.
      const there = storeOf({ ...options, port: replica.port });
      await there.insertProfile("session-1", {}, "on the replica", "spec.md", { id: "same" });
      await there.close();
      const store = new TelemetryPool({
        driver: mysqlDriver({ ...options, port: primary.port, readFrom: [`127.0.0.1:${replica.port}`] }),
        pool: { max: 2, acquireTimeoutMs: 10_000 },
      });
      await store.insertProfile("session-1", {}, "on the primary", "spec.md", { id: "same" });
      expect((await store.getProfile("same"))?.member).toBe("on the replica");
      expect((await store.queryProfiles()).items.map(({ member }) => member)).toEqual(["on the replica"]);
      await replica.kill();
      expect((await store.getProfile("same"))?.member).toBe("on the primary");
      expect((await store.querySessions("*")).items.length).toBe(1);
      await store.close();
    });
  },
  "throwaway server",
);

describeOn(
  "mysql",
  { describe, test },
  "TLS",
  () => {
    test("a certificate is verified: by its authority and by its name", async () => {
      using certificates = await makeCertificates();
      using others = await makeCertificates();
      await using server = await startMysql({ tls: certificates });
      const { url } = await server.createDatabase();
      expect((await refusal({ url, ssl: true })).code).toBe("TLS_FAILED");
      expect((await refusal({ url, ssl: { caFile: others.caFile } })).code).toBe("TLS_FAILED");
      const misnamed = await refusal({ url, ssl: { caFile: certificates.caFile, servername: "db.example" } });
      expect(misnamed.code).toBe("TLS_FAILED");
      for (const ssl of [{ caFile: certificates.caFile, servername: "localhost" }, { rejectUnauthorized: false }]) {
        const store = storeOf({ url, ssl });
        await store.insertProfile(...row);
        const db = await store.kysely<{ "information_schema.session_status": Record<string, string> }>();
        const { sql } = await import("kysely");
        const { rows } = await sql<Record<string, string>>`show session status like 'Ssl_cipher'`.execute(db);
        expect(Object.values(rows[0] ?? {})[1]).toMatch(/^TLS|AES|CHACHA/);
        await store.close();
      }
    });

    test("a server without TLS is TLS_FAILED, not a connection in the clear", async () => {
      await using server = await startMysql();
      const { url } = await server.createDatabase();
      expect((await refusal({ url, ssl: true })).code).toBe("TLS_FAILED");
    });
  },
  "throwaway server",
);
