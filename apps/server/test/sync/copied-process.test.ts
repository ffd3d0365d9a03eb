/** The server as a process, with a copy in a real R2: how it starts, and what its end leaves in the bucket. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type R2Server, startR2, startStorageProxy } from "@telepool/test-servers";
import { readDatabase, runToEnd, startServer } from "../server-process.ts";
import { copyVariables, restoredIds, said, storeProfiles } from "./copied-server.ts";

const folder = mkdtempSync(join(tmpdir(), "telepool-copied-"));
let r2: R2Server;
let path = "";
let files = 0;

beforeAll(async () => {
  r2 = await startR2();
});

beforeEach(() => {
  path = join(folder, `${++files}.db`);
});

afterAll(async () => {
  await r2[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("what was stored just before SIGTERM is in the bucket when the server has ended", async () => {
  const place = { r2, prefix: "sigterm" };
  const server = await startServer(path, { ...copyVariables(place), TELEPOOL_R2_INTERVAL_S: "3600" });
  expect((await said(server.url, "/pool-sync?wait=60")).status).toBe(200);
  const ids = await storeProfiles(server.url, "sigterm", 200);
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(await restoredIds(place)).toEqual(ids.sort());
  const log = await server.stderr();
  expect(log).toContain(`"location":"${r2.endpoint}/${r2.bucket}/sigterm`);
  expect(log).not.toContain(r2.credentials.secretAccessKey);
});

test("a server whose R2 is away ends in order all the same, and says what it has left", async () => {
  await using proxy = await startStorageProxy(r2);
  const place = { r2, prefix: "left", endpoint: proxy.endpoint };
  const server = await startServer(path, { ...copyVariables(place), TELEPOOL_R2_INTERVAL_S: "1" });
  expect((await said(server.url, "/pool-sync?wait=60")).status).toBe(200);
  proxy.down = true;
  const ids = await storeProfiles(server.url, "left", 10);
  while ((await said(server.url, "/pool-stats")).body.sync.state !== "syncing");
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(readDatabase(path).ids.sort()).toEqual(ids.sort());
  expect(await server.stderr()).toContain("the next sync copies them");
  proxy.down = false;

  const next = await startServer(path, copyVariables(place));
  expect((await said(next.url, "/pool-sync?wait=60")).status).toBe(200);
  next.kill("SIGTERM");
  expect(await next.exited).toBe(0);
  expect(await restoredIds(place)).toEqual(ids.sort());
});

test("a wrong setting of the copy ends the start with 2 and a line that names the variable", async () => {
  const good = { TELEPOOL_PORT: "0", TELEPOOL_DB_URL: `sqlite://${path}`, ...copyVariables({ r2, prefix: "a" }) };
  const wrong: [variable: string, value: string, text: string][] = [
    ["TELEPOOL_R2_BUCKET", "No Bucket", "TELEPOOL_R2_BUCKET: must be 3 to 63 lower-case letters"],
    ["TELEPOOL_R2_ENDPOINT", "ftp://host", "TELEPOOL_R2_ENDPOINT must be a URL"],
    ["TELEPOOL_R2_ENDPOINT", "", "TELEPOOL_R2_ACCOUNT_ID is missing"],
    ["TELEPOOL_R2_SECRET_ACCESS_KEY", "", "TELEPOOL_R2_SECRET_ACCESS_KEY is missing"],
    ["TELEPOOL_R2_INTERVAL_S", "soon", "TELEPOOL_R2_INTERVAL_S must be a whole number"],
    ["TELEPOOL_R2_FLUSH_TIMEOUT_S", "6", "TELEPOOL_R2_FLUSH_TIMEOUT_S must be at most 5 s"],
    ["TELEPOOL_R2_BUKET", "b", "did you mean TELEPOOL_R2_BUCKET?"],
  ];
  for (const [variable, value, text] of wrong) {
    const { code, stderr } = await runToEnd({ ...good, [variable]: value });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain("sync.");
    expect(code).toBe(2);
  }
});
