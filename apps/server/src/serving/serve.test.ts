import { afterAll, afterEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { createPool, TelepoolError } from "@telepool/core";
import type { Socket } from "bun";
import type { LogEntry } from "../observability/log.ts";
import { exitCodeOf } from "./run-server.ts";
import { type RunningServer, serve } from "./serve.ts";
import type { ServeOptions } from "./serve-options.ts";

const folder = mkdtempSync(join(tmpdir(), "telepool-serve-"));
const running: RunningServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close().catch(() => undefined); // a test may have cut it off
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(options: ServeOptions = {}): Promise<RunningServer> {
  const memory = options.store === undefined ? { dbUrl: "sqlite://:memory:" } : {};
  const server = await serve({ port: 0, ...memory, ...options });
  running.push(server);
  return server;
}

/** What a call that must fail fails with. */
async function failureOf(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => new Error("nothing failed"),
    (error: Error) => error,
  );
}

/** A connection that keeps what it is sent, and says when it is over. */
async function connect(server: RunningServer) {
  const over = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<string>();
  const socket: Socket = await Bun.connect({
    hostname: server.host,
    port: server.port,
    socket: {
      data: (_, data) => answered.resolve(data.toString()),
      close: () => over.resolve(),
    },
  });
  return { socket, answered: answered.promise, over: over.promise };
}

const profile = { session: "s", member: "m", document: "d", profile: { a: 1 } };
const asJson = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

test("a server listens on a free port of this machine only and says what it serves", async () => {
  let told: RunningServer | undefined;
  const entries: LogEntry[] = [];
  const server = await start({ log: (entry) => entries.push(entry), onListening: (listening) => (told = listening) });
  expect(server.port).toBeGreaterThan(0);
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(server.database).toBe("sqlite :memory:");
  expect(told).toBe(server);
  expect(entries).toEqual([]);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

test("an address that other machines reach wants tokens", async () => {
  const failure = await failureOf(serve({ port: 0, host: "0.0.0.0", dbUrl: "sqlite://:memory:" }));
  expect(failure).toMatchObject({ code: "INVALID_OPTION", field: "serve.host" });
  expect(exitCodeOf(failure)).toBe(2);
  const tokens = [{ token: "read-read-read-read", scopes: ["read"] }] as const;
  const server = await start({ host: "0.0.0.0", tokens });
  expect((await fetch(`http://127.0.0.1:${server.port}/pool-stats`)).status).toBe(401);
});

test("an address that other machines reach without tokens is warned of", async () => {
  const entries: LogEntry[] = [];
  const server = await start({ host: "0.0.0.0", insecureNoAuth: true, log: (entry) => entries.push(entry) });
  expect(entries).toMatchObject([{ level: "warn", message: expect.stringContaining("whoever does can read") }]);
  const headers = { host: "telemetry.example" };
  expect((await fetch(`http://127.0.0.1:${server.port}/pool-stats`, { headers })).status).toBe(200);
});

test("a file of tokens is read, and what is wrong with one is told without its content", async () => {
  const write = async (content: string) => {
    const path = join(folder, "tokens.json");
    await Bun.write(path, content);
    return path;
  };
  const server = await start({
    tokensFile: await write('{"tokens": [{"token": "file-file-file-file", "scopes": ["read"]}]}'),
  });
  const get = (token: string) => fetch(`${server.url}/pool-stats`, { headers: { authorization: `Bearer ${token}` } });
  expect((await get("file-file-file-file")).status).toBe(200);
  expect((await get("other-other-other")).status).toBe(401);
  for (const content of [
    "file-file-file-file",
    "[]",
    '{"tokens": []}',
    '{"tokens": 1}',
    '{"tokens": [{"token": "file-file", "scopes": []}]}',
  ]) {
    const failure = await failureOf(serve({ port: 0, tokensFile: await write(content) }));
    expect(failure).toMatchObject({ code: "INVALID_OPTION" });
    expect(failure.message).not.toContain("file-file");
  }
  expect(await failureOf(serve({ port: 0, tokensFile: join(folder, "none.json") }))).toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("cannot be read"),
  });
});

test("a port in use is refused by name, and the store that was opened for it is closed", async () => {
  const first = await start();
  const path = join(folder, "second.db");
  const failure = await failureOf(serve({ port: first.port, dbUrl: `sqlite://${path}` }));
  expect(failure).toMatchObject({ name: "ListenError", code: "ADDRESS_IN_USE" });
  expect(failure.message).toStartWith(`127.0.0.1:${first.port} is in use`);
  expect(exitCodeOf(failure)).toBe(1);
  expect(existsSync(path)).toBe(true);
  expect(existsSync(`${path}-wal`)).toBe(false); // SQLite removes its log when the last connection closes
});

test("a host that is not this machine's is refused", async () => {
  expect(
    await failureOf(
      serve({ port: 0, host: "192.0.2.1", insecureNoAuth: true, dbUrl: "sqlite://:memory:", log: () => undefined }),
    ),
  ).toMatchObject({
    code: "LISTEN_FAILED",
  });
});

test("a database that cannot be opened is reported as what it is, and nothing listens", async () => {
  const failure = await failureOf(serve({ port: 0, dbUrl: `sqlite://${join(folder, "missing", "a.db")}` }));
  expect(failure).toMatchObject({ code: "DATABASE_NOT_FOUND" });
  expect(exitCodeOf(failure)).toBe(3);
});

const wrong: [what: string, options: object, field: string][] = [
  ["a port that is none", { port: 65_536 }, "serve.port"],
  ["an empty host", { host: "" }, "serve.host"],
  ["an option that is not known", { prot: 80 }, "serve.prot"],
  ["a store and a URL", { store: createPool("sqlite://:memory:"), dbUrl: "sqlite://:memory:" }, "serve.dbUrl"],
];

for (const [what, options, field] of wrong) {
  test(`${what} is refused by the option's path`, async () => {
    const failure = await failureOf(serve(options));
    expect(failure).toMatchObject({ code: "INVALID_OPTION", field });
    expect(exitCodeOf(failure)).toBe(2);
  });
}

test("a URL of no known database is a wrong setting", async () => {
  expect(exitCodeOf(await failureOf(serve({ port: 0, dbUrl: "mongodb://host/db" })))).toBe(2);
});

test("a store of the caller's stays open when the server closes", async () => {
  await using store = createPool("sqlite://:memory:");
  const server = await start({ store });
  const { id } = JSON.parse(await (await fetch(`${server.url}/api/profiles`, asJson(profile))).text());
  await server.close();
  expect(await store.getProfile(id)).toMatchObject(profile);
});

test("closing twice is closing once", async () => {
  const server = await start();
  await Promise.all([server.close(), server.close()]);
  await server.close();
});

test("a closed server refuses connections", async () => {
  const server = await start();
  await server.close();
  expect((await failureOf(fetch(`${server.url}/healthz`))).message).not.toBe("nothing failed");
});

test("connections that are kept alive without a request do not hold up the end", async () => {
  const server = await start();
  const connection = await connect(server);
  connection.socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  expect(await connection.answered).toStartWith("HTTP/1.1 200");
  await server.close({ timeoutMs: 5000 }); // would reject after 3750 ms if the connection held it
  await connection.over;
});

test("a request under way is answered before the server closes", async () => {
  await using store = createPool("sqlite://:memory:");
  const server = await start({ store });
  const body = JSON.stringify({ ...profile, id: "late" });
  const connection = await connect(server);
  const head = `POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  connection.socket.write(`${head}expect: 100-continue\r\n\r\n`);
  expect(await connection.answered).toStartWith("HTTP/1.1 100"); // the server has the head
  const closing = server.close();
  connection.socket.write(body);
  await Promise.all([closing, connection.over]);
  expect(await store.getProfile("late")).toMatchObject(profile);
});

test("a request that never ends is cut off at the deadline, and the close says so", async () => {
  const server = await start();
  const connection = await connect(server);
  connection.socket.write(
    "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n",
  );
  await connection.answered;
  const failure = await failureOf(server.close({ timeoutMs: 200 }));
  expect(failure).toBeInstanceOf(TelepoolError);
  expect(failure).toMatchObject({ code: "CLOSE_TIMEOUT" });
  expect(exitCodeOf(failure)).toBe(1);
  await connection.over;
});

test("a body too large is answered as a problem, and the rest of it is not read", async () => {
  const server = await start();
  const connection = await connect(server);
  connection.socket.write(
    "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000000000\r\n\r\n{",
  );
  const answer = await connection.answered;
  expect(answer).toStartWith("HTTP/1.1 413");
  expect(answer).toContain('"code":"BODY_TOO_LARGE"');
  await connection.over;
});

test("a server whose owner fails when it is told that it listens leaves no port open", async () => {
  const failure = new Error("the owner failed");
  let port = 0;
  const onListening = (server: RunningServer): never => {
    port = server.port;
    throw failure;
  };
  expect(await failureOf(serve({ port: 0, dbUrl: "sqlite://:memory:", onListening }))).toBe(failure);
  expect((await failureOf(fetch(`http://127.0.0.1:${port}/healthz`))).message).toContain("connect");
});

test("a program that uses OpenTelemetry gets the server's metrics through it, and none after the end", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  try {
    const server = await start();
    await fetch(`${server.url}/healthz`);
    await reader.forceFlush();
    /** Those that have points: one that has ended is collected without any. */
    const names = () => {
      const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return all.filter(({ dataPoints }) => dataPoints.length > 0).map(({ descriptor }) => descriptor.name);
    };
    expect(names()).toContain("http.server.request.duration");
    expect(names()).toContain("telepool.tail.readers");
    expect(names()).toContain("db.client.connection.count");
    await server.close();
    exporter.reset();
    await reader.forceFlush();
    expect(names()).not.toContain("telepool.tail.readers");
  } finally {
    metrics.disable();
    await reader.shutdown();
  }
});

test("a log of the caller's own gets what its level allows", async () => {
  const entries: LogEntry[] = [];
  await start({ host: "0.0.0.0", insecureNoAuth: true, logLevel: "error", log: (entry) => entries.push(entry) });
  expect(entries).toEqual([]);
});
