import { afterEach, beforeEach, expect, test } from "bun:test";
import { createPool, type TelemetryPool, TelepoolError } from "@telepool/core";
import { failingStore } from "../../test/failing-store.ts";
import type { AppDeps } from "../app-deps.ts";
import { createApp } from "../create-app.ts";

let store: TelemetryPool;

beforeEach(() => {
  store = createPool("sqlite://:memory:");
});

afterEach(() => store.close());

const line = (n: number) => JSON.stringify({ id: `p${n}`, session: "s", member: "m", document: "d", profile: { n } });
const lines = (count: number) => `${Array.from({ length: count }, (_, n) => line(n)).join("\n")}\n`;

/** Bytes in pieces of this size, so that lines are cut anywhere. */
function inPieces(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(bytes.subarray(start, start + size));
      start += size;
      if (start >= bytes.length) controller.close();
    },
  });
}

async function post(
  body: string | Uint8Array | ReadableStream<Uint8Array>,
  { headers = {}, ...deps }: Partial<AppDeps> & { headers?: Record<string, string> } = {},
) {
  const response = await createApp({ store, log: () => undefined, ...deps }).request("/api/profiles", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson", ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}

const countStored = async () => (await store.getSession("s"))?.profileCount ?? 0;

test("lines are stored wherever they are cut, and sent again change nothing", async () => {
  const told = { accepted: 2500, duplicate: 0, rejected: 0, errors: [] };
  expect(await post(inPieces(lines(2500), 777))).toMatchObject({ status: 201, json: told });
  expect(await countStored()).toBe(2500);
  expect(await post(lines(2500))).toMatchObject({ status: 200, json: { ...told, accepted: 0, duplicate: 2500 } });
  expect(await countStored()).toBe(2500);
});

for (const type of ["application/ndjson", "application/jsonl", "application/x-ndjson; charset=utf-8"]) {
  test(`lines may be called ${type}`, async () => {
    expect(await post(lines(1), { headers: { "content-type": type } })).toMatchObject({ status: 201 });
  });
}

test("a compressed stream is taken as it comes", async () => {
  const packed = Bun.gzipSync(lines(5000));
  expect(await post(packed, { headers: { "content-encoding": "gzip" } })).toMatchObject({
    status: 201,
    json: { accepted: 5000 },
  });
});

test("each bad line is told by its number with its reason, and the others are stored", async () => {
  const body = `${line(1)}\r\n\r\nnope\n{"session":""}\n[]\n"x"\n${line(2)}\n{"session":"s","member":"m","document":"d","profile":{"a":{"b":"\\u0000"}}}`;
  const { status, json } = await post(body);
  expect(status).toBe(201);
  expect(json).toEqual({
    accepted: 2,
    duplicate: 0,
    rejected: 5,
    errors: [
      { line: 3, code: "INVALID_JSON", detail: "the line is not JSON" },
      { line: 4, code: "INVALID_ARGUMENT", detail: "session must not be empty", field: "session" },
      { line: 5, code: "INVALID_ARGUMENT", detail: expect.stringContaining("the line must be an object") },
      { line: 6, code: "INVALID_ARGUMENT", detail: expect.stringContaining("the line must be an object") },
      {
        line: 8,
        code: "INVALID_PROFILE",
        detail: "profile.a.b holds a NUL character, which PostgreSQL cannot store",
        field: "profile.a.b",
      },
    ],
  });
});

test("where every line is bad the answer is 422 with all the reasons", async () => {
  const { status, headers, json } = await post("1\n2\n");
  expect(status).toBe(422);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(json).toMatchObject({ code: "ALL_REJECTED", accepted: 0, rejected: 2, errors: [{ line: 1 }, { line: 2 }] });
});

test("more bad lines than are listed are counted", async () => {
  const { json } = await post(`${line(1)}\n${"x\n".repeat(10_003)}`);
  expect(json).toMatchObject({ accepted: 1, rejected: 10_003, errors_omitted: 3 });
  expect(json.errors).toHaveLength(10_000);
});

test("an empty body stores nothing and is no error", async () => {
  expect(await post("")).toMatchObject({ status: 200, json: { accepted: 0, rejected: 0 } });
  expect(await post("\n\n")).toMatchObject({ status: 200, json: { accepted: 0, rejected: 0 } });
});

test("a line that is too long is refused by its number, and is not held in memory", async () => {
  const long = `${line(1)}\n{"x":"${"y".repeat(100_000)}"}\n${line(2)}\n`;
  expect(await post(inPieces(long, 1000), { limits: { maxBodyBytes: 10_000 } })).toMatchObject({
    status: 201,
    json: { accepted: 2, errors: [{ line: 2, detail: "the line is longer than 10000 bytes" }] },
  });
});

test("a stream that breaks off says how much was stored before that", async () => {
  const packed = Bun.gzipSync(lines(3000)).slice(0, -100);
  const { status, json } = await post(packed, { headers: { "content-encoding": "gzip" } });
  expect(status).toBe(400);
  expect(json.code).toBe("INVALID_ENCODING");
  expect(json.accepted).toBe(await countStored());
});

test("a failure of the store says how much was stored before that, and when to come back", async () => {
  const failing = failingStore(new TelepoolError("DATABASE_BUSY", "busy"));
  const { status, headers, json } = await post(lines(1), { store: failing });
  expect({ status, retry: headers.get("retry-after") }).toEqual({ status: 503, retry: "1" });
  expect(json).toMatchObject({ code: "DATABASE_BUSY", accepted: 0, duplicate: 0, rejected: 0 });
});

test("no more imports are under way at once than may be", async () => {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  const slow = failingStore(new Error("not here"), {
    importProfiles: (source) => released.then(() => store.importProfiles(source)),
  });
  const app = createApp({ store: slow, limits: { maxImports: 1 } });
  const send = async () =>
    await app.request("/api/profiles", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: lines(1),
    });
  const first = send();
  const second = await send();
  expect(second.status).toBe(503);
  expect(await second.json()).toMatchObject({ code: "TOO_MANY_REQUESTS_UNDER_WAY" });
  resolve();
  expect((await first).status).toBe(201);
  expect((await send()).status).toBe(200);
});

test("a body without an end is ended when the server shuts down, and what was read is stored", async () => {
  const draining = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(lines(1500))),
  });
  const answer = post(endless, { draining: draining.signal });
  while ((await countStored()) === 0) await new Promise((resolve) => setImmediate(resolve));
  draining.abort();
  expect(await answer).toMatchObject({ status: 503, json: { code: "POOL_CLOSED", accepted: 1500 } });
  expect(await countStored()).toBe(1500);
});

test("a few lines of a stream that falls silent are stored without waiting for more", async () => {
  let end = (): void => {};
  const slow = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode(lines(3)));
      end = () => controller.close();
    },
  });
  const answer = post(slow);
  while ((await countStored()) < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  end();
  expect(await answer).toMatchObject({ status: 201, json: { accepted: 3 } });
});

test("a slow store is not held against a client whose lines are there", async () => {
  const slow = failingStore(new Error("not here"), {
    importProfiles: async (source, options) => {
      let read = 0;
      for await (const _ of source) if (++read % 1000 === 0) await Bun.sleep(60); // far more than a body may stand still
      options?.onProgress?.({ read, stored: read, duplicates: 0, rejected: 0 });
      return { read, stored: read, duplicates: 0, rejected: 0 };
    },
  });
  const body = inPieces(lines(4000), 20_000);
  expect(await post(body, { store: slow, limits: { idleMs: 20 } })).toMatchObject({
    status: 201,
    json: { accepted: 4000 },
  });
});
