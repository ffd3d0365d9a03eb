/** More than the server can store: it says so, keeps what it acknowledged, and its memory stays where it is. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, type TelemetryPool } from "@telepool/core";
import { type RunningServer, serve } from "../src/serving/serve.ts";
import { readDatabase } from "./server-process.ts";

const CLIENTS = 200;
const REQUESTS = 6000;
const TEXT = "x".repeat(20_000);

let folder = "";
let store: TelemetryPool;
let server: RunningServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "telepool-overload-"));
  store = createPool(`sqlite://${join(folder, "telepool.db")}`, {
    writeQueue: { maxQueueRows: 50, maxQueueBytes: 1024 * 1024, maxBatchRows: 10 },
  });
  server = await serve({ port: 0, store, log: () => undefined });
});

afterEach(async () => {
  await server.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("what is too much is refused with the time to come back, what was acknowledged is stored, and memory is bounded", async () => {
  const acknowledged: string[] = [];
  const refusals = new Set<string>();
  let highest = 0;
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < REQUESTS) {
      const id = `p${sent++}`;
      const row = { id, session: `s${sent % 5}`, member: "m", document: "d", profile: { TEXT } };
      const response = await fetch(`${server.url}/api/profiles`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(row),
      });
      const { code } = JSON.parse(await response.text());
      if (response.status === 201) acknowledged.push(id);
      else refusals.add(`${response.status} ${code} ${response.headers.get("retry-after")}`);
      highest = Math.max(highest, process.memoryUsage().rss);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));

  expect([...refusals]).toEqual(["503 QUEUE_FULL 1"]);
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(acknowledged.length).toBeLessThan(REQUESTS);
  // 120 MB were sent; this process is the 200 clients, too.
  expect(highest - before).toBeLessThan(100_000_000);
  await store.flush();
  const { ids, miscounted, integrity } = readDatabase(join(folder, "telepool.db"));
  expect(ids.sort()).toEqual(acknowledged.sort());
  expect({ miscounted, integrity }).toEqual({ miscounted: [], integrity: "ok" });
}, 60_000);
