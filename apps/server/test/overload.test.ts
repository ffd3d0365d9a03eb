/** More than the server can store: it says so, keeps what it acknowledged, and its memory stays where it is. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDatabase, startServerWithSmallQueue } from "./server-process.ts";

const CLIENTS = 200;
const REQUESTS = 15_000;
const TEXT = "x".repeat(20_000);
const SENT_BYTES = REQUESTS * TEXT.length;

test("what is too much is refused with the time to come back, what was acknowledged is stored, and memory is bounded", async () => {
  const folder = mkdtempSync(join(tmpdir(), "telepool-overload-"));
  const path = join(folder, "telepool.db");
  const server = await startServerWithSmallQueue(path);
  const acknowledged: string[] = [];
  const refusals = new Set<string>();
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < REQUESTS) {
      const id = `p${sent++}`;
      const response = await fetch(`${server.url}/api/profiles`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ id, session: `s${sent % 5}`, member: "m", document: "d", profile: { TEXT } }),
      });
      const { code } = JSON.parse(await response.text());
      if (response.status === 201) acknowledged.push(id);
      else refusals.add(`${response.status} ${code} ${response.headers.get("retry-after")}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const residentBytes = Number(Bun.spawnSync(["ps", "-o", "rss=", "-p", String(server.pid)]).stdout.toString()) * 1024;
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);

  expect([...refusals]).toEqual(["503 QUEUE_FULL 1"]);
  expect(acknowledged.length).toBeGreaterThan(100);
  expect(acknowledged.length).toBeLessThan(REQUESTS);
  expect(residentBytes).toBeGreaterThan(10_000_000); // the figure is one
  expect(residentBytes).toBeLessThan(SENT_BYTES * 0.7);
  const { ids, miscounted, integrity } = readDatabase(path);
  expect(ids.sort()).toEqual(acknowledged.sort());
  expect({ miscounted, integrity }).toEqual({ miscounted: [], integrity: "ok" });
  rmSync(folder, { recursive: true, force: true });
});
