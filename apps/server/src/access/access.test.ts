import { expect, test } from "bun:test";
import { Hono } from "hono";
import { failingStore } from "../../test/failing-store.ts";
import { createApp } from "../create-app.ts";
import { problemResponse } from "../http/problem.ts";
import { Access, type AccessOptions } from "./access.ts";

const INGEST = "ingest-ingest-ingest";
const READ = "read-read-read-read";

/** An app with one guarded route, and what it answers to these headers. */
function guarded(options: AccessOptions) {
  const app = new Hono();
  app.get("/", new Access(options).allow("read"), (c) => c.text("in"));
  app.onError((error, c) => problemResponse(c, error, () => undefined));
  return async (headers: Record<string, string> = {}) => await app.request("/", { headers });
}

const tokens = [
  { name: "collector", token: INGEST, scopes: ["ingest"] },
  { name: "dashboard", token: READ, scopes: ["read"] },
] as const;

test("a token with the scope opens the route, in whatever case the scheme is written", async () => {
  const get = guarded({ tokens });
  expect((await get({ authorization: `Bearer ${READ}` })).status).toBe(200);
  expect((await get({ authorization: `bearer ${READ}` })).status).toBe(200);
});

for (const authorization of [
  undefined,
  "",
  "Bearer",
  "Bearer ",
  `Basic ${READ}`,
  READ,
  `Bearer ${READ} x`,
  "Bearer nobody-nobody-nobody",
]) {
  test(`authorization: ${authorization?.replace(READ, "…")} is answered with 401`, async () => {
    const response = await guarded({ tokens })(authorization === undefined ? {} : { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="telepool"');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: "UNAUTHORIZED" });
    expect(text).not.toContain(READ);
  });
}

test("a token without the scope is told by its name what it lacks", async () => {
  const response = await guarded({ tokens })({ authorization: `Bearer ${INGEST}` });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({
    code: "FORBIDDEN",
    detail: 'the token "collector" has no scope "read"',
  });
});

test("a token is let through as often as it may be, and then told when to come back", async () => {
  const get = guarded({ tokens: [{ token: READ, scopes: ["read"], requestsPerSecond: 0.01 }] });
  const first = await get({ authorization: `Bearer ${READ}` });
  expect(first.headers.get("ratelimit-policy")).toBe('"token";q=1;w=100');
  expect(first.headers.get("ratelimit")).toBe('"token";r=0;t=100');
  const second = await get({ authorization: `Bearer ${READ}` });
  expect(second.status).toBe(429);
  expect(second.headers.get("retry-after")).toBe("100");
  expect(await second.json()).toMatchObject({ code: "RATE_LIMITED" });
});

for (const host of ["localhost", "localhost:8081", "127.0.0.1:8081", "127.1.2.3", "[::1]:8081", "LOCALHOST"]) {
  test(`without tokens the host ${host} is served`, async () => {
    expect((await guarded({})({ host })).status).toBe(200);
  });
}

for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""]) {
  test(`without tokens the host ${JSON.stringify(host)} is not, for it may be another site's name for this machine`, async () => {
    expect((await guarded({})({ host })).status).toBe(403);
    expect((await guarded({ anyHost: true })({ host })).status).toBe(200);
  });
}

const PUBLIC = ["GET /", "GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs", "GET /assets/:name"];

test("every route but the public ones wants a token", async () => {
  const app = createApp({ store: failingStore(new Error("reached")), log: () => undefined, access: { tokens } });
  const health = async () => ({ ok: true, driver: "x", location: "", latencyMs: 0 }) as const;
  const status = await createApp({ store: failingStore(new Error("reached"), { health }) }).request("/");
  const { endpoints }: { endpoints: string[] } = JSON.parse(await status.text());
  expect(endpoints.length).toBeGreaterThan(20);
  const open: string[] = [];
  for (const endpoint of endpoints) {
    const [method = "", path = ""] = endpoint.split(" ");
    const response = await app.request(path.replace(":id", "x").replace(":name", "x"), { method });
    if (response.status !== 401) open.push(endpoint);
  }
  expect(open.sort()).toEqual([...PUBLIC].sort());
});
