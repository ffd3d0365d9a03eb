import { afterEach, expect, test } from "bun:test";
import { createPool, type ErrorCode, type SyncResult, type TelemetryPool, TelepoolError } from "@telepool/core";
import { FakeSync, IDLE, SYNCED } from "../../test/fake-sync.ts";
import type { AppDeps } from "../app-deps.ts";
import { createApp } from "../create-app.ts";

const stores: TelemetryPool[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function copied(deps: Partial<AppDeps> = {}) {
  const sync = new FakeSync();
  const store = createPool("sqlite://:memory:", { sync });
  stores.push(store);
  const app = createApp({ store, log: () => {}, ...deps });
  const ask = async (path = "/pool-sync", method = "POST") => {
    const response = await app.request(path, { method });
    return { status: response.status, headers: response.headers, body: JSON.parse((await response.text()) || "null") };
  };
  return { sync, ask };
}

const never = () => new Promise<SyncResult>(() => {});

for (const method of ["GET", "POST"]) {
  test(`${method} starts a sync and answers with what it has copied`, async () => {
    const { sync, ask } = copied();
    expect(await ask("/pool-sync", method)).toMatchObject({ status: 200, body: SYNCED });
    expect(sync.begun).toBe(1);
  });
}

test("HEAD starts none", async () => {
  const { sync, ask } = copied();
  expect((await ask("/pool-sync", "HEAD")).status).toBe(200);
  expect(sync.begun).toBe(0);
});

test("whoever does not wait learns how far the sync is, which goes on", async () => {
  const { sync, ask } = copied();
  sync.sync = never;
  expect(await ask("/pool-sync?wait=0")).toMatchObject({
    status: 202,
    body: { state: "syncing", progress: null, lastError: null },
  });
  const progress = { phase: "checkpoint", rows: 250, totalRows: 1000 } as const;
  sync.current = { ...IDLE, state: "syncing", progress };
  expect((await ask("/pool-sync?wait=0")).body).toEqual({ state: "syncing", progress, lastError: null });
  expect(sync.begun).toBe(1);
});

for (const wait of ["61", "-1", "1.5", "", "x"]) {
  test(`wait=${wait} is refused, and no sync begun`, async () => {
    const { sync, ask } = copied();
    expect(await ask(`/pool-sync?wait=${wait}`)).toMatchObject({
      status: 400,
      body: { field: "wait", detail: "wait must be a whole number from 0 to 60" },
    });
    expect(sync.begun).toBe(0);
  });
}

const failures: [code: ErrorCode, status: number][] = [
  ["BUCKET_NOT_FOUND", 502],
  ["CLOCK_SKEWED", 502],
  ["COPY_DAMAGED", 502],
  ["COPY_FENCED", 409],
  ["CREDENTIALS_REFUSED", 502],
  ["PERMISSION_DENIED", 502],
  ["RESTORE_UNFINISHED", 409],
  ["STORAGE_UNREACHABLE", 503],
];

for (const [code, status] of failures) {
  test(`${code} is told as it is`, async () => {
    const { sync, ask } = copied();
    sync.sync = async () => {
      throw new TelepoolError(code, "the storage said no");
    };
    const { status: found, headers, body } = await ask();
    expect([found, body.code, body.detail]).toEqual([status, code, "the storage said no"]);
    expect(headers.get("retry-after")).toBe(status === 503 ? "1" : null);
  });
}

test("an error names the setting that it is about, as it is called where it was made", async () => {
  const { sync, ask } = copied({ settingWords: (text) => text.replaceAll("sync.bucket", "THE_BUCKET") });
  const error = new TelepoolError("BUCKET_NOT_FOUND", "there is no such bucket", { field: "sync.bucket" });
  sync.sync = async () => {
    throw error;
  };
  sync.current = { ...IDLE, lastError: { code: error.code, message: "sync.bucket is wrong", at: 1 } };
  expect((await ask()).body).toMatchObject({ detail: "THE_BUCKET: there is no such bucket", field: "THE_BUCKET" });
  expect((await ask("/pool-stats", "GET")).body.sync.lastError.message).toBe("THE_BUCKET is wrong");
  sync.sync = never;
  expect((await ask("/pool-sync?wait=0")).body.lastError.message).toBe("THE_BUCKET is wrong");
});

test("a server that shuts down has nobody wait", async () => {
  const draining = new AbortController();
  const { sync, ask } = copied({ draining: draining.signal });
  sync.sync = never;
  const asked = ask("/pool-sync?wait=60");
  draining.abort();
  expect(await asked).toMatchObject({ status: 503, body: { code: "POOL_CLOSED" } });
});

test("a copy that fails shows at /readyz and /pool-stats, and the server is ready all the same", async () => {
  const { sync, ask } = copied();
  expect((await ask("/readyz", "GET")).body).toEqual({ status: "ready", sync: { state: "idle", error: null } });
  const lastError = { code: "COPY_FENCED", message: "another process", at: 1 } as const;
  sync.current = { ...IDLE, state: "failing", lastError };
  expect(await ask("/readyz", "GET")).toMatchObject({
    status: 200,
    body: { status: "ready", sync: { state: "failing", error: "COPY_FENCED" } },
  });
  expect((await ask("/pool-stats", "GET")).body.sync).toEqual(sync.current);
});

test("a store without a copy has none to sync, and says nothing of one", async () => {
  const store = createPool("sqlite://:memory:");
  stores.push(store);
  const app = createApp({ store });
  for (const method of ["GET", "POST"]) {
    const response = await app.request("/pool-sync", { method });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain("TELEPOOL_R2_BUCKET");
  }
  expect(await (await app.request("/readyz")).json()).toEqual({ status: "ready" });
  expect(await (await app.request("/pool-stats")).json()).not.toHaveProperty("sync");
});
