/** The server with a copy in a real R2: what a client and an operator see of it, whatever becomes of the bucket. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SyncStatus } from "@telepool/core";
import type { R2SyncOptions } from "@telepool/r2-sync";
import { describeOn, postgresServer, type R2Server, startR2, startStorageProxy } from "@telepool/test-servers";
import type { LogEntry } from "../../src/observability/log.ts";
import { type RunningServer, serve } from "../../src/serving/serve.ts";
import { restoredIds, said, storeProfiles } from "./copied-server.ts";

const folder = mkdtempSync(join(tmpdir(), "telepool-copied-"));
let r2: R2Server;

beforeAll(async () => {
  r2 = await startR2();
});

afterAll(async () => {
  await r2[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that copies to a place of its own when it is told to, and what it logs. */
async function copied(prefix: string, options: Partial<R2SyncOptions> = {}, dbUrl = "sqlite://:memory:") {
  const entries: LogEntry[] = [];
  const { bucket, endpoint, credentials } = r2;
  const sync = { bucket, endpoint, credentials, prefix, intervalMs: 0, retryTimeoutMs: 100, ...options };
  const server = await serve({ port: 0, dbUrl, log: (entry) => entries.push(entry), sync });
  return { server, entries };
}

/** The server's copy, once it is as wanted; each look is an answer of the server. */
async function copyOnce({ url }: RunningServer, isWanted: (sync: SyncStatus) => boolean): Promise<SyncStatus> {
  for (;;) {
    const { sync } = (await said(url, "/pool-stats")).body;
    if (isWanted(sync)) return sync;
  }
}

test("what is stored is in the bucket after /pool-sync, counted in every place, and comes back from there", async () => {
  const { server, entries } = await copied("whole");
  await using _ = server;
  const { url } = server;
  const ids = await storeProfiles(url, "whole", 300);
  const { status, body } = await said(url, "/pool-sync?wait=60");
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(["source", "sequence", "objects", "rows", "bytes", "durationMs"]);
  expect(body.objects).toBeGreaterThan(0);

  const more = await storeProfiles(url, "more", 20);
  const second = (await said(url, "/pool-sync?wait=60", "POST")).body;
  expect(second).toMatchObject({ source: body.source, sequence: body.sequence + 1, rows: { profiles: 20, events: 0 } });

  const { sync } = (await said(url, "/pool-stats")).body;
  expect(sync).toMatchObject({ state: "idle", pendingRows: 0, sequence: second.sequence, lastError: null });
  expect(sync.location).toStartWith(`${r2.endpoint}/${r2.bucket}/whole`);
  expect((await said(url, "/readyz")).body).toEqual({ status: "ready", sync: { state: "idle", error: null } });
  expect(entries).toMatchObject([{ level: "info", location: sync.location }]);
  expect(JSON.stringify([entries, sync])).not.toContain(r2.credentials.secretAccessKey);

  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(`\ntelepool_sync_sequence ${second.sequence}\n`);
  expect(metrics).toContain("\ntelepool_sync_pending 0\n");
  expect(await restoredIds({ r2, prefix: "whole" })).toEqual([...ids, ...more].sort());
});

test("docs/metrics.md has every metric of a copy, and no other of that name", async () => {
  const { server } = await copied("metrics");
  await using _ = server;
  const page = await Bun.file(join(import.meta.dir, "../../../../docs/metrics.md")).text();
  const told = [...page.matchAll(/`telepool\.sync\.([a-z_.]+)`/g)].map(([, name = ""]) => name.replaceAll(".", "_"));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const shown = [...metrics.matchAll(/^# TYPE telepool_sync_(\w+) /gm)].map(([, name = ""]) => name);
  const plain = shown.map((name) => name.replace(/(?:_total|_bytes_total|_seconds|_ratio)$/, ""));
  expect([...new Set(told)].sort()).toEqual(plain.sort());
});

test("while R2 is away the server goes on, says so, and catches up when it is back", async () => {
  await using proxy = await startStorageProxy(r2);
  const { server, entries } = await copied("away", { endpoint: proxy.endpoint, intervalMs: 50 });
  await using _ = server;
  const { url } = server;
  const before = await storeProfiles(url, "before", 10);
  await copyOnce(server, ({ pendingRows }) => pendingRows === 0);
  proxy.down = true;
  const during = await storeProfiles(url, "during", 10);
  const failing = await copyOnce(server, ({ lastError }) => lastError !== null && entries.length === 2);
  expect(failing).toMatchObject({ lastError: { code: "STORAGE_UNREACHABLE" } });
  expect(failing.pendingRows).toBeGreaterThanOrEqual(10); // sessions may be among them
  expect(await said(url, "/readyz")).toMatchObject({
    status: 200,
    body: { status: "ready", sync: { error: "STORAGE_UNREACHABLE" } },
  });
  expect(await said(url, "/pool-sync?wait=60", "POST")).toMatchObject({
    status: 503,
    body: { code: "STORAGE_UNREACHABLE", detail: expect.stringContaining("TELEPOOL_R2_ENDPOINT") },
  });
  const after = await storeProfiles(url, "after", 10);

  proxy.down = false;
  await copyOnce(server, ({ pendingRows, lastError }) => pendingRows === 0 && lastError === null);
  expect(await restoredIds({ r2, prefix: "away" })).toEqual([...before, ...during, ...after].sort());
  await server.close();
  const told = entries.map(({ level, message }) => `${level}: ${message}`);
  expect(told.slice(1)).toEqual([
    "warn: the copy fails and is tried again; the store goes on without it",
    "info: the copy has caught up",
  ]);
});

test("a server starts while R2 is away, and copies what has come in the meantime when it is back", async () => {
  await using proxy = await startStorageProxy(r2);
  proxy.down = true;
  const { server } = await copied("late", { endpoint: proxy.endpoint, intervalMs: 50 });
  await using _ = server;
  const ids = await storeProfiles(server.url, "late", 10);
  await copyOnce(server, ({ lastError }) => lastError !== null);
  expect((await said(server.url, "/readyz")).body).toMatchObject({ status: "ready", sync: { state: "failing" } });
  proxy.down = false;
  expect((await said(server.url, "/pool-sync?wait=60")).status).toBe(200);
  expect(await restoredIds({ r2, prefix: "late" })).toEqual(ids.sort());
});

test("wrong credentials are told to the admin by the setting's name, and to nobody by their value", async () => {
  const wrong = { ...r2.credentials, secretAccessKey: "not-the-secret-of-this-bucket" };
  const { server, entries } = await copied("refused", { credentials: wrong });
  await using _ = server;
  await storeProfiles(server.url, "refused", 1);
  const { status, body } = await said(server.url, "/pool-sync?wait=60");
  expect(status).toBe(502);
  expect(body).toMatchObject({ code: "CREDENTIALS_REFUSED", field: "TELEPOOL_R2_SECRET_ACCESS_KEY" });
  expect(body.detail).toStartWith("TELEPOOL_R2_SECRET_ACCESS_KEY: ");
  const { body: stats } = await said(server.url, "/pool-stats");
  expect(stats.sync.lastError.code).toBe("CREDENTIALS_REFUSED");
  expect(JSON.stringify([body, stats, entries])).not.toContain(wrong.secretAccessKey);
});

test("a bucket that is not there, and settings that cannot be, are told by name", async () => {
  const { server } = await copied("nowhere", { bucket: "no-such-bucket" });
  await using _ = server;
  expect(await said(server.url, "/pool-sync?wait=60")).toMatchObject({
    status: 502,
    body: { code: "BUCKET_NOT_FOUND", field: "TELEPOOL_R2_BUCKET" },
  });
  await expect(copied("Wrong/..")).rejects.toMatchObject({ code: "INVALID_OPTION", field: "TELEPOOL_R2_PREFIX" });
});

test("a sync that is under way when nobody waits goes on to its end", async () => {
  await using proxy = await startStorageProxy(r2);
  const { server } = await copied("unwatched", { endpoint: proxy.endpoint });
  await using _ = server;
  const ids = await storeProfiles(server.url, "unwatched", 50);
  expect(await said(server.url, "/pool-sync?wait=0")).toMatchObject({
    status: 202,
    body: { state: expect.any(String), lastError: null },
  });
  await copyOnce(server, ({ checkpoint, pendingRows }) => checkpoint !== null && pendingRows === 0);
  expect(await restoredIds({ r2, prefix: "unwatched" })).toEqual(ids.sort());
});

/** Two servers on one database, both of which copy it into one bucket: each row is in the copy once. */
async function expectTwoServersToAgree(prefix: string, dbUrl: string): Promise<void> {
  const [one, two] = [await copied(prefix, { intervalMs: 50 }, dbUrl), await copied(prefix, { intervalMs: 50 }, dbUrl)];
  await using _one = one.server;
  await using _two = two.server;
  const stored = await Promise.all(
    Array.from({ length: 20 }, (_, turn) => {
      const { url } = (turn % 2 === 0 ? one : two).server;
      return storeProfiles(url, `${prefix}-${turn}`, 25);
    }),
  );
  const answers = await Promise.all([one, two].map(({ server }) => said(server.url, "/pool-sync?wait=60")));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await restoredIds({ r2, prefix })).toEqual(stored.flat().sort());
  const failures = [...one.entries, ...two.entries].filter(({ level }) => level !== "info");
  expect(failures).toEqual([]);
}

test("two servers on one SQLite file both take rows, and each row is in the copy once", async () => {
  await expectTwoServersToAgree("two-sqlite", `sqlite://${join(folder, "two.db")}`);
});

describeOn("postgresql", { describe, test }, "PostgreSQL", () => {
  test("two servers on one database both take rows, and each row is in the copy once", async () => {
    await using database = await (await postgresServer()).createDatabase();
    await expectTwoServersToAgree("two-postgres", database.url);
  });
});
