/** The server as a process: how it starts, how it ends, and that what it acknowledged is there afterwards. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDatabase, runToEnd, sendProfiles, startServer } from "./server-process.ts";

let folder = "";
let path = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telepool-server-"));
  path = join(folder, "telepool.db");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Fails unless every acknowledged row is stored, once, and every session counts its rows. */
function expectStored(acknowledged: readonly string[]): void {
  const { ids, miscounted, integrity } = readDatabase(path);
  const stored = new Set(ids);
  expect(ids.length).toBe(stored.size);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(miscounted).toEqual([]);
  expect(integrity).toBe("ok");
}

test("the server says where it listens and ends with 0 on either signal, also with connections open", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const server = await startServer(path);
    expect(server.greeting).toBe(`telepool listens on ${server.url} (sqlite ${path})`);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200); // stays in the pool of connections
    server.kill(signal);
    expect(await server.exited).toBe(0);
  }
});

test("SIGTERM under load: the end is orderly, no request is refused, and all that was acknowledged is stored", async () => {
  const server = await startServer(path);
  const after = { rows: 400, call: () => server.kill("SIGTERM") };
  const told = await sendProfiles(server.url, { clients: 64, requestsEach: 100_000, after });
  expect(await server.exited).toBe(0);
  expect(told.ids.length).toBeGreaterThanOrEqual(400);
  expect(told.refusals).toEqual([]);
  expectStored(told.ids);
});

test("SIGTERM ends the live tail, also while nothing is stored", async () => {
  const server = await startServer(path);
  const response = await fetch(`${server.url}/api/tail`);
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("event: ready");
  server.kill("SIGTERM");
  while ((await reader?.read())?.done === false);
  expect(await server.exited).toBe(0);
});

test("SIGTERM ends a stream of lines that has no end, and keeps what was read", async () => {
  const server = await startServer(path);
  const line = (n: number) => `{"id":"p${n}","session":"s","member":"m","document":"d","profile":{}}\n`;
  const lines = Array.from({ length: 1200 }, (_, n) => line(n)).join("");
  const { hostname, port } = new URL(server.url);
  const answered = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: { data: (_, data) => answered.resolve(data.toString()) },
  });
  const head = "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n";
  socket.write(`${head}transfer-encoding: chunked\r\n\r\n${lines.length.toString(16)}\r\n${lines}\r\n`);
  const stored = async () => (await fetch(`${server.url}/api/profiles?limit=1`)).text();
  while ((await stored()).startsWith('{"items":[]')) await new Promise((resolve) => setImmediate(resolve));
  server.kill("SIGTERM");
  expect(await answered.promise).toStartWith("HTTP/1.1 503");
  expect(await server.exited).toBe(0);
  expect(readDatabase(path).ids).toHaveLength(1200);
});

test("SIGKILL under load, repeatedly: all that was acknowledged is stored", async () => {
  const acknowledged: string[] = [];
  for (const rows of [50, 300, 700]) {
    const server = await startServer(path);
    const after = { rows, call: () => server.kill("SIGKILL") };
    const told = await sendProfiles(server.url, { clients: 64, requestsEach: 100_000, after });
    expect(await server.exited).not.toBe(0);
    acknowledged.push(...told.ids);
    expectStored(acknowledged);
  }
});

test("two servers on one file both write, and neither client sees a locked database", async () => {
  const [one, two] = await Promise.all([startServer(path), startServer(path)]);
  const crowd = { clients: 16, requestsEach: 30 };
  const [first, second] = await Promise.all([sendProfiles(one.url, crowd), sendProfiles(two.url, crowd)]);
  expect([...first.refusals, ...second.refusals]).toEqual([]);
  expect(first.ids.length).toBe(16 * 60);
  expect(second.ids.length).toBe(16 * 60);
  one.kill("SIGTERM");
  two.kill("SIGTERM");
  expect(await Promise.all([one.exited, two.exited])).toEqual([0, 0]);
  expectStored([...first.ids, ...second.ids]);
  expect(readDatabase(path).ids.length).toBe(2 * 16 * 60);
});

test("a second signal ends the server at once", async () => {
  const server = await startServer(path);
  const { hostname, port } = new URL(server.url);
  const continued = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: { data: () => continued.resolve() },
  });
  // A request that never ends holds the orderly end, whose code is 0, for 7.5 s.
  socket.write(
    "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n",
  );
  await continued.promise;
  server.kill("SIGTERM");
  server.kill("SIGINT");
  expect(await server.exited).toBe(1);
});

test("a server that cannot start says why in one line and has an exit code for the reason", async () => {
  const missing = await runToEnd({ TELEPOOL_PORT: "0", TELEPOOL_DB_URL: `sqlite://${join(folder, "no/a.db")}` });
  expect(missing).toMatchObject({ code: 3, stdout: "" });
  expect(missing.stderr).toBe(`telepool: the folder ${join(folder, "no")} does not exist; create it first\n`);

  await Bun.write(path, "this is not a database, and long enough to be seen as a file that is none".repeat(20));
  expect(await runToEnd({ TELEPOOL_PORT: "0", TELEPOOL_DB_URL: `sqlite://${path}` })).toMatchObject({ code: 3 });

  const port = await runToEnd({ TELEPOOL_PORT: "http" });
  expect(port).toMatchObject({ code: 2, stdout: "" });
  expect(port.stderr).toContain("TELEPOOL_PORT must be a whole number");
});

test("a second server on a port in use ends with 1 and leaves the first one alone", async () => {
  const first = await startServer(path);
  const { port } = new URL(first.url);
  const second = await runToEnd({ TELEPOOL_PORT: port, TELEPOOL_DB_URL: `sqlite://${path}` });
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toContain(`127.0.0.1:${port} is in use`);
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
  first.kill("SIGTERM");
  expect(await first.exited).toBe(0);
});

test("the log is JSON lines on stderr, each with its request's id, and without what the request said or showed", async () => {
  const server = await startServer(path, { TELEPOOL_LOG_LEVEL: "debug", TELEPOOL_TOKENS: "read:a-secret-of-a-test" });
  const headers = { authorization: "Bearer a-secret-of-a-test", "x-request-id": "r1" };
  expect((await fetch(`${server.url}/api/profiles?member=private-name`, { headers })).status).toBe(200);
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  const text = await server.stderr();
  const [line] = text
    .trim()
    .split("\n")
    .map((json) => JSON.parse(json));
  expect(line).toMatchObject({
    level: "debug",
    message: "request",
    request_id: "r1",
    route: "/api/profiles",
    status: 200,
  });
  expect(Date.parse(line.time)).toBeGreaterThan(0);
  expect(text).not.toContain("a-secret-of-a-test");
  expect(text).not.toContain("private-name");
});
