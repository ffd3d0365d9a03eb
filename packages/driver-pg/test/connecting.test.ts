/** What a store says that cannot connect, and where its connections go. */
import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  createPool,
  isTelepoolError,
  type PostgresDriverOptions,
  TelemetryPool,
  type TelepoolError,
} from "@telepool/core";
import {
  describeOn,
  makeCertificates,
  postgresServer,
  startPostgres,
  TcpProxy,
  type TestDatabase,
} from "@telepool/test-servers";
import { pgDriver } from "../src/pg-driver.ts";
import { query } from "./query.ts";

const IMPATIENT = { pool: { max: 2, acquireTimeoutMs: 1000 } };
const row = ["session-1", { latency: 1 }, "nolarose", "spec.md"] as const;

function storeOf(options: PostgresDriverOptions): TelemetryPool {
  return new TelemetryPool({ driver: pgDriver(options), ...IMPATIENT });
}

/** Expects a store not to open, and gives the error. */
async function refusal(options: PostgresDriverOptions): Promise<TelepoolError> {
  const store = storeOf(options);
  const error = await store.open().catch((thrown: unknown) => thrown);
  await store.close();
  if (!isTelepoolError(error)) throw new Error(`expected a TelepoolError, got ${error}`);
  return error;
}

describeOn("postgresql", { describe, test }, "connecting", () => {
  test("a wrong password is told at once, and not repeated", async () => {
    await using server = await startPostgres({ password: "right-password" });
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
    const { url } = await postgresServer();
    const error = await refusal({ url, database: "no_such_database" });
    expect(error.code).toBe("DATABASE_NOT_FOUND");
  });

  test("where nobody listens, the failure is the cause of the timeout", async () => {
    const error = await refusal({ host: "127.0.0.1", port: 1 });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(error.cause).toMatchObject({ code: "CONNECT_FAILED" });
    expect(String((error.cause as Error).message)).toContain("127.0.0.1:1");
  });

  test("a password that never comes does not outlast it either", async () => {
    const password = () => new Promise<string>(() => {});
    const error = await refusal({ host: "127.0.0.1", port: 1, password, connectTimeoutMs: 50 });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(String((error.cause as Error).message)).toContain("within 50 ms");
  });

  test("a server that never answers does not outlast connectTimeoutMs", async () => {
    const { url } = await postgresServer();
    const { hostname, port } = new URL(url);
    await using proxy = await TcpProxy.start({ host: hostname, port: Number(port) });
    proxy.blackhole();
    const error = await refusal({ url: proxy.through(url), connectTimeoutMs: 100 });
    expect(error.code).toBe("ACQUIRE_TIMEOUT");
    expect(String((error.cause as Error).message)).toContain("within 100 ms");
  });

  test("the schema option puts the tables there, and other schemas are not looked at", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await query(database.url, 'create table profiles (something int); create schema "my schema"');
    const store = storeOf({ url: database.url, schema: "my schema" });
    await store.insertProfile(...row);
    await store.close();
    expect(await query(database.url, 'select member from "my schema".profiles')).toEqual([{ member: "nolarose" }]);
    expect(await query(database.url, "select * from public.profiles")).toEqual([]);
  });

  test("connections bear the application's name", async () => {
    await using database = await (await postgresServer()).createDatabase();
    const store = storeOf({ url: database.url, applicationName: "tests of telepool" });
    await store.open();
    const names = await query(
      database.url,
      "select application_name as name from pg_stat_activity where datname = current_database()",
    );
    expect(names).toContainEqual({ name: "tests of telepool" });
    await store.close();
  });
});

describeOn("postgresql", { describe, test }, "reading only", () => {
  test("readOnly refuses writes, and a database that is not telepool's stays as it is", async () => {
    await using database = await (await postgresServer()).createDatabase();
    const before = await refusal({ url: database.url, readOnly: true });
    expect(before.code).toBe("READ_ONLY");
    expect(await tables(database)).toEqual([]);
    const writing = storeOf({ url: database.url });
    const id = await writing.insertProfile(...row);
    await writing.close();
    const reading = storeOf({ url: database.url, readOnly: true });
    expect((await reading.getProfile(id))?.member).toBe("nolarose");
    expect(await reading.insertProfile(...row).catch((error: unknown) => error)).toMatchObject({ code: "READ_ONLY" });
    await reading.close();
  });

  test("a server that is read-only is READ_ONLY", async () => {
    await using database = await (await postgresServer()).createDatabase();
    const writing = storeOf({ url: database.url });
    await writing.open();
    await writing.close();
    await query(database.url, `alter database "${database.name}" set default_transaction_read_only = on`);
    const store = storeOf({ url: database.url });
    expect(await store.insertProfile(...row).catch((error: unknown) => error)).toMatchObject({ code: "READ_ONLY" });
    expect((await store.queryProfiles()).items).toEqual([]);
    await store.close();
  });
});

async function tables({ url }: TestDatabase): Promise<unknown[]> {
  return await query(url, "select tablename from pg_tables where schemaname = 'public'");
}

describeOn(
  "postgresql",
  { describe, test },
  "several hosts",
  () => {
    test("the first that can be written is taken, and the next when it is gone", async () => {
      await using readOnly = await startPostgres({ settings: { default_transaction_read_only: "on" } });
      await using first = await startPostgres();
      await using second = await startPostgres();
      const hosts = [`127.0.0.1:1`, ...[readOnly, first, second].map(({ port }) => `127.0.0.1:${port}`)];
      const store = new TelemetryPool({
        driver: pgDriver({ hosts, user: "telepool", database: "postgres" }),
        pool: { max: 2, acquireTimeoutMs: 20_000 },
      });
      await store.insertProfile(...row);
      expect(await query(first.url, "select member from profiles")).toEqual([{ member: "nolarose" }]);
      await first.stop();
      const other = new TelemetryPool({ driver: pgDriver({ hosts, user: "telepool", database: "postgres" }) });
      await other.insertProfile(...row);
      expect(await query(second.url, "select member from profiles")).toEqual([{ member: "nolarose" }]);
      await Promise.all([store.close(), other.close()]);
    });

    test("when no host will do, each is told", async () => {
      await using readOnly = await startPostgres({ settings: { default_transaction_read_only: "on" } });
      const hosts = ["127.0.0.1:1", `127.0.0.1:${readOnly.port}`];
      const error = await refusal({ hosts, user: "telepool", database: "postgres" });
      const { message } = error.cause as TelepoolError;
      expect(message).toContain("127.0.0.1:1: nobody listens there");
      expect(message).toContain(`127.0.0.1:${readOnly.port}: the server is read-only, and read-write is wanted`);
    });

    test("reads go to a replica, and to the primary when it is gone", async () => {
      await using primary = await startPostgres();
      await using replica = await startPostgres();
      const options = { user: "telepool", database: "postgres" };
      // Two servers with different rows show where a read went.
      const there = storeOf({ url: replica.url });
      await there.insertProfile("session-1", {}, "on the replica", "spec.md", { id: "same" });
      await there.close();
      const store = new TelemetryPool({
        driver: pgDriver({
          host: "127.0.0.1",
          port: primary.port,
          readFrom: [`127.0.0.1:${replica.port}`],
          ...options,
        }),
        pool: { max: 2, acquireTimeoutMs: 10_000 },
      });
      await store.insertProfile("session-1", {}, "on the primary", "spec.md", { id: "same" });
      expect((await store.getProfile("same"))?.member).toBe("on the replica");
      expect((await store.queryProfiles()).items.map(({ member }) => member)).toEqual(["on the replica"]);
      expect(Object.keys(store.stats().pools).sort()).toEqual(["read", "write"]);
      // Pruning counts where it removes: on the replica there would be nothing to do.
      for (const id of ["b", "c"]) await store.insertProfile("session-1", {}, "on the primary", "spec.md", { id });
      expect(await store.prune({ maxRows: 1 })).toMatchObject({ profiles: 2 });
      expect(await query(primary.url, "select id from profiles")).toEqual([{ id: "c" }]);
      expect((await query(replica.url, "select id from profiles")).length).toBe(1);
      await store.insertProfile("session-1", {}, "on the primary", "spec.md", { id: "same" });
      await replica.kill();
      expect((await store.getProfile("same"))?.member).toBe("on the primary");
      expect((await store.querySessions("*")).items.length).toBe(1);
      await store.close();
    });
  },
  "throwaway server",
);

describeOn(
  "postgresql",
  { describe, test },
  "TLS",
  () => {
    test("a certificate is verified: by its authority and by its name", async () => {
      using certificates = await makeCertificates();
      using others = await makeCertificates();
      await using server = await startPostgres({ tls: certificates });
      const { url } = server;
      expect((await refusal({ url, ssl: true })).code).toBe("TLS_FAILED");
      expect((await refusal({ url, ssl: { caFile: others.caFile } })).code).toBe("TLS_FAILED");
      const misnamed = await refusal({ url, ssl: { caFile: certificates.caFile, servername: "db.example" } });
      expect(misnamed.code).toBe("TLS_FAILED");
      for (const ssl of [{ caFile: certificates.caFile }, { ca: certificates.ca }, { rejectUnauthorized: false }]) {
        const store = storeOf({ url, ssl, applicationName: "encrypted" });
        await store.insertProfile(...row);
        const encrypted =
          "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'encrypted'";
        expect(await query(url, encrypted)).toEqual([{ ssl: true }]);
        await store.close();
      }
      await rm(join(certificates.caFile));
      const unread = await refusal({ url, ssl: { caFile: certificates.caFile } });
      expect(unread).toMatchObject({ code: "INVALID_OPTION", field: "postgresql.ssl.caFile" });
    });

    test("a server without TLS is TLS_FAILED, not a connection in the clear", async () => {
      await using server = await startPostgres();
      expect((await refusal({ url: server.url, ssl: true })).code).toBe("TLS_FAILED");
      const store = createPool(`${server.url}?sslmode=require`, IMPATIENT);
      expect(await store.open().catch((error: unknown) => error)).toMatchObject({ code: "TLS_FAILED" });
      await store.close();
    });
  },
  "throwaway server",
);
