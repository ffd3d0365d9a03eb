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
