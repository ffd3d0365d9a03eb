import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { createApp } from "./create-app.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });

afterAll(() => store.close());

test("the root says what this is and where everything else is", async () => {
  const response = await app.request("/");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    name: "Pool Telemetry API",
    version: "3.20",
    status: "ok",
    driver: "sqlite",
    endpoints: expect.arrayContaining(["GET /pool-stats", "POST /api/profiles"]),
  });
});

test("the statistics are those of the store, in the shape that the first version had", async () => {
  const stats = JSON.parse(await (await app.request("/pool-stats")).text());
  expect(Object.keys(stats).slice(0, 4)).toEqual(["poolSize", "maxPoolSize", "stats", "hitRate"]);
  expect(stats.stats).toEqual({
    hits: expect.any(Number),
    misses: expect.any(Number),
    totalOperations: expect.any(Number),
    avgLatency: expect.any(Number),
  });
});

test("a server whose store answers is alive and ready", async () => {
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(200);
});

test("a server that shuts down is alive but not ready", async () => {
  const draining = createApp({ store, draining: AbortSignal.abort() });
  expect((await draining.request("/healthz")).status).toBe(200);
  const response = await draining.request("/readyz");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
});

test("an unknown path is a problem with status 404", async () => {
  const response = await app.request("/nothing");
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toEqual({
    type: "about:blank",
    title: "Not Found",
    status: 404,
    detail: "there is nothing at this path; GET / lists the endpoints",
    code: "NOT_FOUND",
    request_id: response.headers.get("x-request-id"),
  });
});

test("a method that a path does not take is refused with those that it does", async () => {
  const response = await app.request("/api/profiles", { method: "PUT" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD, POST, DELETE, OPTIONS");
  expect(await response.json()).toMatchObject({ code: "METHOD_NOT_ALLOWED", status: 405 });
  expect((await app.request("/metrics", { method: "POST" })).status).toBe(405);
  expect((await app.request("/api/profiles", { method: "PROPFIND" })).status).toBe(405);
});

test("OPTIONS lists the methods of a path, and knows none for an unknown one", async () => {
  const response = await app.request("/pool-stats", { method: "OPTIONS" });
  expect(response.status).toBe(204);
  expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  expect((await app.request("/nothing", { method: "OPTIONS" })).status).toBe(404);
});

test("HEAD answers like GET, without the body", async () => {
  const response = await app.request("/pool-stats", { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.text()).toBe("");
});

test("a request keeps the id that it brings, and gets one if it brings none or an unfit one", async () => {
  const idOf = async (given?: string) => {
    const response = await app.request("/healthz", given === undefined ? {} : { headers: { "x-request-id": given } });
    return response.headers.get("x-request-id") ?? "";
  };
  expect(await idOf("trace-17_A")).toBe("trace-17_A");
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  expect(await idOf()).toMatch(uuid);
  expect(await idOf('"><script>')).toMatch(uuid);
  expect(await idOf("x".repeat(129))).toMatch(uuid);
});

test("every answer tells browsers not to guess its type", async () => {
  for (const path of ["/", "/nothing", "/pool-query"]) {
    expect((await app.request(path)).headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("an answer may not be framed, cached or take scripts from anywhere", async () => {
  for (const path of ["/", "/nothing", "/api/profiles", "/api/profiles?limit=0", "/api/export", "/metrics"]) {
    const { headers } = await app.request(path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("an answer says how long it took, and how much of it in the queue, the pool and the database", async () => {
  /** The names of the times, of which each has two decimals. */
  const timing = async (path: string, init?: RequestInit) => {
    const value = (await app.request(path, init)).headers.get("server-timing") ?? "";
    return value.replaceAll(/;dur=\d+\.\d\d\b/g, "");
  };
  const post = (body: unknown, type = "application/json") => ({
    method: "POST",
    headers: { "content-type": type },
    body: JSON.stringify(body),
  });
  const event = { event_type: "click", data: {} };
  expect(await timing("/healthz")).toBe("total");
  expect(await timing("/api/events", post(event))).toBe("queue, pool, db, total");
  expect(await timing("/api/events", post([event]))).toBe("pool, db, total");
  expect(await timing("/api/events", post(event, "application/x-ndjson"))).toBe("pool, db, total");
  expect(await timing("/api/sessions")).toBe("pool, db, total");
  expect(await timing("/api/export")).toBe("pool, db, total");
  expect(await timing("/api/profiles/some-id")).toBe("db, total"); // SQLite is asked at once
  expect(await timing("/api/profiles?before=1", { method: "DELETE" })).toBe("pool, db, total");
  expect(await timing("/api/events", post({ event_type: 5 }))).toBe("total");
});

test("pages of other origins may not call the server unless it is told so", async () => {
  const origin = "https://app.example";
  const preflight = {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  };
  const closed = await app.request("/api/profiles", preflight);
  expect(closed.headers.get("access-control-allow-origin")).toBeNull();

  const open = createApp({ store, corsOrigins: [origin] });
  const answer = await open.request("/api/profiles", preflight);
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
  expect(answer.headers.get("access-control-allow-headers")).toContain("authorization");
  const other = await open.request("/api/profiles", { headers: { origin: "https://evil.example" } });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
});

test("the metrics have the pool, the queues, what was taken in, and the requests, by route and not by path", async () => {
  await store.insertProfile("s", { a: 1 }, "m", "d");
  for (const path of ["/api/profiles/some-id", "/api/profiles/other-id", "/no-such-path-1", "/no-such-path-2"]) {
    await app.request(path);
  }
  const response = await app.request("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  for (const name of [
    "db_client_connection_count",
    "db_client_connection_max",
    "db_client_connection_pending_requests",
    "db_client_connection_wait_time_seconds_bucket",
    "db_client_operation_duration_seconds_count",
    "telepool_queue_rows",
    "telepool_batch_rows_bucket",
    "telepool_ingest_rows_total",
    "http_server_request_duration_seconds_count",
    "http_server_active_requests",
  ]) {
    expect(text).toContain(`\n${name}{`.replace("active_requests{", "active_requests "));
  }
  expect(text).toContain('http_route="/api/profiles/:id"');
  expect(text).not.toContain("some-id");
  expect(text).not.toContain("no-such-path");
});

test("each request is logged where that is asked for, without what it says", async () => {
  const lines: unknown[] = [];
  const logging = createApp({ store, logRequests: true, log: (entry) => lines.push(entry) });
  await logging.request("/api/profiles/secret?x=secret", { headers: { "x-request-id": "r1" } });
  expect(lines).toEqual([
    {
      level: "debug",
      message: "request",
      request_id: "r1",
      method: "GET",
      route: "/api/profiles/:id",
      status: 400,
      duration_ms: expect.any(Number),
    },
  ]);
});
