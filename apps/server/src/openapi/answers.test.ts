/** Real answers are as the document says, and each that it tells of is seen once. */
import { afterAll, describe, expect, test } from "bun:test";
import { createPool, TelepoolError } from "@telepool/core";
import { Documented, type DocumentedOperation } from "../../test/client/documented.ts";
import { json, lines, Witness } from "../../test/client/witness.ts";
import { failingStore } from "../../test/failing-store.ts";
import { FakeSync, IDLE } from "../../test/fake-sync.ts";
import type { AppDeps } from "../app-deps.ts";
import { createApp } from "../create-app.ts";
import { eventExample, profileExample } from "./examples.ts";

const store = createPool("sqlite://:memory:");
const silent = { log: () => {} };
const appWith = (deps: Partial<AppDeps>) => createApp({ store, ...silent, ...deps });
const app = appWith({});
const documented = await Documented.of(app);
const witness = new Witness(documented);
const { operations, raw } = documented;
const { Profile = {}, Event = {}, Session = {} } = raw.components.schemas;
const storing = operations.filter(({ body }) => Object.keys(body).length > 0);
const guarded = operations.filter(({ scope }) => scope !== undefined);

afterAll(() => store.close());

const kinds = [
  { id: "storeProfiles", sample: profileExample, list: "listProfiles", get: "getProfile" },
  { id: "storeEvents", sample: eventExample, list: "listEvents" },
] as const;

for (const { id, sample } of kinds) {
  test(`${id} answers rows in each form, new ones and known ones`, async () => {
    const { id: _, ...nameless } = sample;
    for (const asked of [{}, json([sample, nameless]), lines(sample, nameless, {}, "no row")]) {
      expect([200, 201]).toContain((await witness.ask(app, id, asked)).status);
    }
    for (const asked of [{}, json([sample]), lines(sample)]) {
      expect((await witness.ask(app, id, asked)).status).toBe(200);
    }
  });

  test(`${id} answers lines of which none is good`, async () => {
    const { status, body } = await witness.ask(app, id, lines({}, { extra: 1 }));
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "ALL_REJECTED", rejected: 2, errors: [{ line: 1 }, { line: 2 }] });
  });

  test(`${id} answers lines that break off`, async () => {
    const broken = appWith({ store: failingStore(new TelepoolError("STATEMENT_TIMEOUT", "too slow")) });
    const { status, body } = await witness.ask(broken, id, lines(sample));
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: "STATEMENT_TIMEOUT", accepted: 0, errors: [] });
  });
}

describe("with rows in the store", () => {
  const reading = operations.filter(({ method, path }) => method === "GET" && path !== "/pool-sync");
  for (const { id } of reading) {
    test(`${id} answers`, async () => {
      expect((await witness.ask(app, id)).status).toBe(200);
    });
  }

  test("pages and groups of every kind", async () => {
    for (const path of ["/api/aggregate?metric=tokens&group_by=member", "/api/aggregate?metric=none"])
      await witness.ask(app, "aggregateProfiles", { path });
    await witness.ask(app, "aggregateProfiles", { path: "/api/aggregate?metric=tokens&group_by=time&bucket_ms=1000" });
    const { body } = await witness.ask(app, "listProfiles", { path: "/api/profiles?limit=1" });
    expect(body).toMatchObject({ next_cursor: expect.any(String) });
    await witness.ask(app, "queryPool", { path: "/pool-query?member=nolarose&profiles=0" });
  });

  const exports = { profiles: Profile, events: Event, sessions: Session };
  for (const [kind, schema] of Object.entries(exports)) {
    test(`an export of ${kind} has them as lists have`, async () => {
      const { body } = await witness.ask(app, "exportRows", { path: `/api/export?kind=${kind}` });
      const rows = String(body).split("\n").slice(0, -1);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.flatMap((row) => documented.flaws(schema, JSON.parse(row)))).toEqual([]);
      await witness.ask(app, "exportRows", { path: `/api/export?kind=${kind}&format=csv` });
    });
  }

  test("the pages are for browsers", async () => {
    const asked = { headers: { accept: "text/html,*/*;q=0.8" } };
    expect((await witness.ask(app, "getStatus", asked)).type).toBe("text/html");
  });

  test("pruning answers how much went", async () => {
    expect((await witness.ask(app, "pruneProfiles")).body).toEqual({ profiles: 0, sessions: 0 });
  });
});

test("OTLP is answered in the type of its request", async () => {
  for (const id of ["storeTraces", "storeLogs", "storeMetrics"]) {
    expect((await witness.ask(app, id)).status).toBe(200);
    const headers = { "content-type": "application/x-protobuf" };
    expect((await witness.ask(app, id, { headers, body: new Uint8Array() })).status).toBe(200);
  }
});

test("a wrong query is answered", async () => {
  for (const { id, parameters, path } of operations) {
    if (!parameters.some(({ in: place }) => place === "query" || place === "path")) continue;
    expect((await witness.ask(app, id, { path: `${path.replace("{id}", "x")}?extra=1` })).status).toBe(400);
  }
  expect((await witness.ask(app, "getPoolStats", { path: "/pool-stats?extra=1" })).status).toBe(400);
});

test("a wrong body is answered", async () => {
  for (const { id } of storing) expect((await witness.ask(app, id, { body: "{" })).status).toBe(400);
  expect((await witness.ask(app, "storeProfiles", json([{ ...profileExample, member: 1 }]))).body).toMatchObject({
    field: "[0].member",
  });
});

test("a body of a strange type, one that is too large and one that does not come are answered", async () => {
  const narrow = appWith({ limits: { maxBodyBytes: 1024, idleMs: 1 } });
  const type = { "content-type": "application/json" };
  for (const { id } of storing) {
    expect((await witness.ask(app, id, { headers: { "content-type": "text/csv" } })).status).toBe(415);
    expect((await witness.ask(narrow, id, { body: " ".repeat(2000) })).status).toBe(413);
    const never = new ReadableStream<Uint8Array>({});
    expect([408, 503]).toContain((await witness.ask(narrow, id, { headers: type, body: never })).status);
  }
});

test("a row that is not there is answered", async () => {
  expect((await witness.ask(app, "getProfile", { path: "/api/profiles/none" })).status).toBe(404);
  expect((await witness.ask(app, "getSession", { path: "/api/sessions/none" })).status).toBe(404);
});

test("what is not configured is answered", async () => {
  expect((await witness.ask(app, "getPoolSync")).status).toBe(501);
  expect((await witness.ask(app, "startPoolSync")).status).toBe(501);
});

test("a copy is answered for, whatever becomes of its syncs", async () => {
  const sync = new FakeSync();
  await using copied = createPool("sqlite://:memory:", { sync });
  const copying = appWith({ store: copied });
  sync.current = {
    ...IDLE,
    state: "failing",
    lastError: { code: "STORAGE_UNREACHABLE", message: "nobody answers", at: 1 },
    progress: { phase: "checkpoint", rows: 1, totalRows: 2 },
    checkpoint: { key: "a/b", sequence: 1, at: 1, rows: 1, bytes: 1 },
    proof: { ok: true, at: 1, sequence: 1, rows: 1, durationMs: 0.5, message: "the same" },
  };
  for (const id of ["getPoolSync", "startPoolSync"] as const) {
    expect((await witness.ask(copying, id)).status).toBe(200);
  }
  sync.sync = () => new Promise(() => {});
  for (const id of ["getPoolSync", "startPoolSync"] as const) {
    expect((await witness.ask(copying, id, { path: "/pool-sync?wait=0" })).status).toBe(202);
  }
  for (const [code, status] of [
    ["COPY_FENCED", 409],
    ["CREDENTIALS_REFUSED", 502],
    ["PERMISSION_DENIED", 502],
  ] as const) {
    await using failing = createPool("sqlite://:memory:", { sync });
    sync.sync = () => Promise.reject(new TelepoolError(code, "no"));
    for (const id of ["getPoolSync", "startPoolSync"] as const) {
      expect((await witness.ask(appWith({ store: failing }), id)).status).toBe(status);
    }
  }
  for (const id of ["getReadiness", "getPoolStats"]) expect((await witness.ask(copying, id)).status).toBe(200);
});

test("a server without its database is answered for", async () => {
  const error = { code: "CONNECT_FAILED", message: "nobody answers" } as const;
  const health = async () => ({ ok: false, latencyMs: 1, error }) as const;
  const cut = appWith({ store: failingStore(new TelepoolError(error.code, error.message), { health }) });
  expect((await witness.ask(cut, "getStatus")).body).toMatchObject({ status: "unavailable", driver: null });
  expect((await witness.ask(cut, "getReadiness")).status).toBe(503);
});

/** OTLP's own description knows no answer for what went wrong inside. */
const tellsOfFailures = ({ answers }: DocumentedOperation) => answers.default !== undefined;

for (const code of ["DATABASE_BUSY", "STORAGE_FULL", "STATEMENT_FAILED"] as const) {
  test(`a store that says ${code} is answered`, async () => {
    const failing = appWith({ store: failingStore(new TelepoolError(code, "it failed")) });
    const statuses = new Set<number>();
    for (const { id } of operations.filter(tellsOfFailures)) statuses.add((await witness.ask(failing, id)).status);
    expect([...statuses].some((status) => status >= 500)).toBe(true);
  });
}

describe("a server with tokens", () => {
  const SCOPES = ["ingest", "read", "admin"] as const;
  const bearer = (name: string) => ({ authorization: `Bearer ${name.padEnd(16, "-")}` });
  const tokens = SCOPES.map((scope) => ({ token: scope.padEnd(16, "-"), scopes: [scope] }));
  const spent = { token: "spent".padEnd(16, "-"), scopes: SCOPES, requestsPerSecond: 0.001 };
  const closed = appWith({ access: { tokens: [...tokens, spent] } });
  const asking = (headers: Record<string, string>) => ({ headers: { "content-type": "application/json", ...headers } });

  test("wants of each operation the scope that the document tells, and no other will do", async () => {
    const wanted = [];
    for (const { id, scope } of operations) {
      const open = [undefined, ...SCOPES];
      const refused = [];
      for (const one of open) {
        const { status } = await witness.ask(closed, id, asking(one === undefined ? {} : bearer(one)));
        if (status === 401 || status === 403) refused.push(one);
      }
      wanted.push([id, scope, refused]);
      expect(refused, id).toEqual(scope === undefined ? [] : open.filter((one) => one !== scope));
    }
  });

  test("tells who asks too often", async () => {
    for (const { id } of guarded) await witness.ask(closed, id, asking(bearer("spent")));
    expect((await witness.ask(closed, "listProfiles", asking(bearer("spent")))).status).toBe(429);
    expect((await witness.ask(closed, guarded[0]?.id ?? "", asking(bearer("spent")))).status).toBe(429);
  });
});

test("every answer that the document tells of was seen", () => {
  const told = operations.flatMap(({ id, answers }) =>
    Object.entries(answers).flatMap(([status, types]) => {
      if (status === "default") return [];
      // An error has one type for each type of request: one of them is enough.
      const names = Object.keys(types);
      const wanted = status.startsWith("2") ? names.map((type) => [type]) : [names];
      return wanted.map((some) => some.map((type) => `${id} ${status} ${type}`));
    }),
  );
  const unseen = told.filter((some) => !some.some((answer) => witness.seen.has(answer)));
  expect(unseen).toEqual([]);
});
