import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type ErrorCode, type TelemetryPool, TelepoolError } from "@telepool/core";
import { FULL_JSON, FULL_PROTOBUF } from "../../test/otlp/full-requests.ts";
import { type OtlpClient, otlpClient, type SignalName } from "../../test/otlp/otlp-client.ts";
import { encodeProtobuf } from "../../test/otlp/protobuf-encoder.ts";

const SIGNALS: SignalName[] = ["traces", "logs", "metrics"];
const TRACE = "0102030405060708090a0b0c0d0e0f10";

let client: OtlpClient;

beforeEach(() => {
  client = otlpClient();
});

afterEach(() => client[Symbol.asyncDispose]());

const spanId = (number: number) => number.toString(16).padStart(16, "0");
const traces = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const logs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const manySpans = (count: number) =>
  traces(...Array.from({ length: count }, (_, n) => ({ traceId: TRACE, spanId: spanId(n + 1) })));

async function storedRows() {
  const profiles = await client.store.queryProfiles({}, { limit: 1000 });
  const events = await client.store.queryEvents({}, { limit: 1000 });
  return [...profiles.items, ...events.items];
}

describe("a request", () => {
  test.each(SIGNALS)(
    "of %s stores the same rows as protobuf and as JSON, so that the second is a resend",
    async (signal) => {
      // The span without a start is stored under the time of its arrival, which is not part of its id.
      expect(await client.send(signal, FULL_PROTOBUF[signal])).toMatchObject({ status: 200, partial: undefined });
      const rows = await storedRows();
      expect(rows.length).toBeGreaterThan(1);
      expect(await client.send(signal, FULL_JSON[signal])).toMatchObject({ status: 200, partial: undefined });
      expect(await storedRows()).toEqual(rows);
      await using other = otlpClient();
      await other.send(signal, FULL_JSON[signal]);
      const inJson = [...(await other.store.queryProfiles()).items, ...(await other.store.queryEvents()).items];
      expect(withoutArrival(inJson)).toEqual(withoutArrival(rows));
    },
  );

  test.each(SIGNALS)("of %s that succeeds is answered with nothing, in its own type", async (signal) => {
    const asProtobuf = await client.send(signal, FULL_PROTOBUF[signal]);
    expect(asProtobuf).toMatchObject({ status: 200, type: "application/x-protobuf" });
    expect(asProtobuf.bytes.length).toBe(0);
    const asJson = await client.send(signal, FULL_JSON[signal], {
      "content-type": 'Application/JSON; charset="UTF-8"',
    });
    expect(asJson).toMatchObject({ status: 200, type: "application/json" });
    expect(asJson.bytes.toString()).toBe("{}");
  });

  test.each(SIGNALS)("of %s with nothing in it succeeds", async (signal) => {
    expect(await client.send(signal, new Uint8Array())).toMatchObject({ status: 200, partial: undefined });
    expect(await client.send(signal, {})).toMatchObject({ status: 200, partial: undefined });
    const field = { traces: "resourceSpans", logs: "resourceLogs", metrics: "resourceMetrics" }[signal];
    expect(await client.send(signal, { [field]: null })).toMatchObject({ status: 200, partial: undefined });
    expect(await client.send(signal, { [field]: [{}] })).toMatchObject({ status: 200, partial: undefined });
  });

  test("may be compressed with gzip or deflate", async () => {
    const body = Buffer.from(JSON.stringify(FULL_JSON.logs));
    const json = { "content-type": "application/json" };
    expect((await client.send("logs", gzipSync(body), { ...json, "content-encoding": "gzip" })).status).toBe(200);
    expect((await client.send("logs", deflateSync(body), { ...json, "content-encoding": "deflate" })).status).toBe(200);
    expect((await client.send("logs", gzipSync(FULL_PROTOBUF.traces), { "content-encoding": "gzip" })).status).toBe(
      200,
    );
    expect(await storedRows()).toHaveLength(2);
  });

  test("in JSON whose fields are those of another path stores nothing, and says so", async () => {
    const answer = await client.send("traces", FULL_JSON.logs);
    const message = "the body has no resourceSpans, which is what /v1/traces takes: nothing was stored";
    expect(answer).toMatchObject({ status: 200, partial: { rejected: 0, message } });
  });

  test("with several thousand records lets the event loop turn in between", async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    expect((await client.send("traces", encodeProtobuf("traces", manySpans(5000)))).status).toBe(200);
    clearInterval(turning);
    expect(turns).toBeGreaterThan(2);
    expect((await client.store.getSession(TRACE))?.profileCount).toBe(5000);
  });
});

/** Rows whose times are those of the request. */
function withoutArrival(rows: readonly { timestamp: number }[]) {
  return rows.map((row) => (row.timestamp > 1_750_000_000_000 ? { ...row, timestamp: 0 } : row));
}

describe("a record that cannot be stored", () => {
  const mixed = traces(
    { traceId: TRACE, spanId: "1112131415161718" },
    { traceId: "", spanId: "1112131415161719" },
    { traceId: "0".repeat(32), spanId: "111213141516171a" },
    { traceId: TRACE, spanId: "0".repeat(16) },
    { traceId: TRACE.slice(2), spanId: "111213141516171b" },
  );
  const message =
    "4 of 5 spans were rejected: a span needs a trace id of 16 bytes and a span id of 8 bytes, neither of them all zero (4)";

  test("is counted and explained, in the type of the request, and the others are stored", async () => {
    const asJson = await client.send("traces", mixed);
    expect(asJson).toMatchObject({ status: 200, type: "application/json", partial: { rejected: 4, message } });
    expect(JSON.parse(asJson.bytes.toString())).toEqual({
      partialSuccess: { rejectedSpans: "4", errorMessage: message },
    });
    const asProtobuf = await client.send("traces", encodeProtobuf("traces", mixed));
    expect(asProtobuf).toMatchObject({
      status: 200,
      type: "application/x-protobuf",
      partial: { rejected: 4, message },
    });
    expect(await storedRows()).toHaveLength(1);
  });

  test("has the name of its kind in the answer", async () => {
    const log = await client.send("logs", logs({}));
    expect(JSON.parse(log.bytes.toString())).toMatchObject({ partialSuccess: { rejectedLogRecords: "1" } });
    const point = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints: [{}] } }] }] }] };
    const metric = await client.send("metrics", point);
    expect(JSON.parse(metric.bytes.toString())).toMatchObject({ partialSuccess: { rejectedDataPoints: "1" } });
  });

  test("is told of with its field, where JSON has a value of another type there", async () => {
    const answer = await client.send(
      "traces",
      traces(
        { traceId: TRACE, spanId: spanId(1), kind: "SPAN_KIND_SERVER" },
        { traceId: TRACE, spanId: spanId(2), startTimeUnixNano: "soon" },
        { traceId: TRACE, spanId: spanId(3), attributes: { key: "value" } },
        { traceId: TRACE, spanId: spanId(4), flags: -1 },
        "a span",
        { traceId: TRACE, spanId: spanId(5) },
      ),
    );
    expect(answer.partial).toEqual({
      rejected: 5,
      message:
        "5 of 6 spans were rejected: kind must be a number; startTimeUnixNano must be a whole number, or one as text; attributes must be a list; 2 other reasons",
    });
    expect(await storedRows()).toHaveLength(1);
  });

  test("is one that was meant for another path", async () => {
    for (const other of ["logs", "metrics"] as const) {
      const { status, partial } = await client.send("traces", FULL_PROTOBUF[other]);
      expect(status).toBe(200);
      expect(partial?.rejected).toBeGreaterThan(0);
    }
    expect((await client.send("logs", FULL_PROTOBUF.traces)).partial?.rejected).toBe(2);
    // What a metric consists of is not a record, so here the whole body is not what it should be.
    expect((await client.send("metrics", FULL_PROTOBUF.traces)).status).toBe(400);
    expect((await client.send("metrics", FULL_PROTOBUF.logs)).status).toBe(400);
    expect(await storedRows()).toEqual([]);
  });

  test("nests too deeply, or has too much in it", async () => {
    const nest = (depth: number): object =>
      depth === 0 ? { intValue: 1 } : { arrayValue: { values: [nest(depth - 1)] } };
    const record = (value: object) => ({ timeUnixNano: "1700000000000000000", body: value });
    const many = { arrayValue: { values: Array.from({ length: 100_001 }, () => ({ boolValue: true })) } };
    const body = logs(record(nest(64)), record(nest(65)), record(many));
    const message =
      "2 of 3 log records were rejected: a value nests deeper than 64 levels; there are more than 100000 values in it";
    expect((await client.send("logs", body)).partial).toEqual({ rejected: 2, message });
    expect((await client.send("logs", encodeProtobuf("logs", body))).partial).toEqual({ rejected: 2, message });
    expect(await storedRows()).toHaveLength(1);
  });

  test("is one that the store refuses, for the store's reason", async () => {
    // A control character is one byte in protobuf, and six in JSON.
    const value = { stringValue: "\u0001".repeat(3_000_000) };
    const refused = { traceId: TRACE, spanId: spanId(1), attributes: [{ key: "big", value }] };
    const body = encodeProtobuf("traces", traces(refused, { traceId: TRACE, spanId: spanId(2) }));
    const { status, partial } = await client.send("traces", body);
    expect(status).toBe(200);
    const message = expect.stringMatching(
      /^1 of 2 spans were rejected: profile is 18000\d+ characters long; at most 16777216/,
    );
    expect(partial).toEqual({ rejected: 1, message });
  });
});

describe("a request that fails", () => {
  test("because it cannot be read is answered with 400 and a Status in its type, and stores nothing", async () => {
    const torn = FULL_PROTOBUF.traces.subarray(0, FULL_PROTOBUF.traces.length - 3);
    const asProtobuf = await client.send("traces", torn);
    const message = "the body cannot be read: it ends in the middle of a field";
    expect(asProtobuf).toMatchObject({ status: 400, type: "application/x-protobuf", failure: { code: 3, message } });
    const json = { "content-type": "application/json" };
    const asJson = await client.send("traces", Buffer.from('{"resourceSpans": ['), json);
    expect(asJson).toMatchObject({ status: 400, type: "application/json" });
    expect(asJson.failure).toEqual({ code: 3, message: "the body cannot be read: it is not valid JSON in UTF-8" });
    for (const body of ["", "[]", "null", '{"resourceSpans": {}}', '{"resourceSpans": [1]}', '"\xff"']) {
      expect(await client.send("traces", Buffer.from(body, "latin1"), json)).toMatchObject({
        status: 400,
        failure: { code: 3 },
      });
    }
    expect(await storedRows()).toEqual([]);
  });

  test("because of its type is answered with 415", async () => {
    for (const type of ["text/plain", "application/grpc", "application/json; charset=latin1", ""]) {
      const answer = await client.send("logs", FULL_JSON.logs, { "content-type": type });
      expect(answer).toMatchObject({ status: 415, failure: { code: 3 } });
    }
    const answer = await client.send("logs", zstdCompressSync("{}"), { "content-encoding": "zstd" });
    expect(answer).toMatchObject({ status: 415, type: "application/x-protobuf" });
  });

  test("because of its size is answered with 413, also after decompression", async () => {
    await using small = otlpClient({ limits: { maxBodyBytes: 500 } });
    expect(await small.send("logs", new Uint8Array(501))).toMatchObject({ status: 413, failure: { code: 3 } });
    const bomb = gzipSync(new Uint8Array(100_000));
    expect(bomb.length).toBeLessThan(500);
    expect((await small.send("logs", bomb, { "content-encoding": "gzip" })).status).toBe(413);
  });

  test("because it has more records than are taken at once is answered with 413, and stores nothing", async () => {
    const answer = await client.send("traces", encodeProtobuf("traces", manySpans(50_001)));
    expect(answer).toMatchObject({ status: 413, failure: { code: 3 } });
    expect(answer.failure?.message).toBe(
      "the body cannot be taken: there are more than 50000 records in it; send fewer at once",
    );
    const empty = Buffer.alloc(4_000_000, Buffer.from([0x0a, 0x00])); // two million lists of nothing
    expect((await client.send("traces", empty)).status).toBe(413);
    expect(await storedRows()).toEqual([]);
  });

  test("because a small body would become many gigabytes of rows is answered with 413, and stores nothing", async () => {
    const attributes = [{ key: "padding", value: { stringValue: "x".repeat(100_000) } }];
    const { resourceSpans } = manySpans(2000);
    const body = { resourceSpans: resourceSpans.map((each) => ({ ...each, resource: { attributes } })) };
    const { status, failure } = await client.send("traces", encodeProtobuf("traces", body));
    expect(status).toBe(413);
    expect(failure?.message).toContain("every row repeats its resource and scope");
    expect(await storedRows()).toEqual([]);
  });

  test("for want of a token, of a scope or of patience is answered in its type", async () => {
    const tokens = [
      { name: "in", token: "i".repeat(32), scopes: ["ingest" as const], requestsPerSecond: 1 },
      { name: "out", token: "o".repeat(32), scopes: ["read" as const] },
    ];
    await using guarded = otlpClient({ access: { tokens } });
    const send = (token?: string) =>
      guarded.send("logs", FULL_PROTOBUF.logs, token === undefined ? {} : { authorization: `Bearer ${token}` });
    const unknown = await send();
    expect(unknown).toMatchObject({ status: 401, type: "application/x-protobuf", failure: { code: 16 } });
    expect(unknown.headers.get("www-authenticate")).toStartWith("Bearer");
    expect(await send("o".repeat(32))).toMatchObject({ status: 403, failure: { code: 7 } });
    const first = await send("i".repeat(32));
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit")).toContain("r=");
    const answers = await Promise.all(Array.from({ length: 20 }, () => send("i".repeat(32))));
    const slowed = answers.find(({ status }) => status === 429);
    expect(slowed?.failure?.code).toBe(8);
    expect(slowed?.headers.get("retry-after")).toMatch(/^\d+$/);
  });
});

/** A store whose first `addEvent` calls fail like this. */
function failing(code: ErrorCode | undefined, times = Number.POSITIVE_INFINITY) {
  let left = times;
  return (store: TelemetryPool): TelemetryPool =>
    new Proxy(store, {
      get: (target, name) => {
        if (name !== "addEvent") return Reflect.get(target, name).bind(target);
        return async (...given: Parameters<TelemetryPool["addEvent"]>) => {
          if (left-- <= 0) return await target.addEvent(...given);
          throw code === undefined ? new Error("a fault") : new TelepoolError(code, "not now", { retryAfterMs: 2500 });
        };
      },
    });
}

describe("a store that cannot take the records", () => {
  const busy: ErrorCode[] = [
    "QUEUE_FULL",
    "POOL_OVERLOADED",
    "ACQUIRE_TIMEOUT",
    "POOL_CLOSED",
    "CONNECT_FAILED",
    "DATABASE_BUSY",
  ];

  test.each(busy)("for %s makes the client come back", async (code) => {
    await using other = otlpClient({ wrap: failing(code) });
    const answer = await other.send("logs", FULL_PROTOBUF.logs);
    expect(answer).toMatchObject({ status: 503, type: "application/x-protobuf", failure: { code: 14 } });
    expect(answer.headers.get("retry-after")).toBe("3");
  });

  test("because its disk is full, or a commit was lost, makes the client come back too", async () => {
    for (const code of ["STORAGE_FULL", "COMMIT_OUTCOME_UNKNOWN"] as const) {
      await using other = otlpClient({ wrap: failing(code) });
      const answer = await other.send("logs", FULL_JSON.logs);
      expect(answer).toMatchObject({ status: 503, failure: { code: 14 } });
      expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    }
  });

  test("is not at fault when a body stops arriving: the client comes back then too", async () => {
    await using slow = otlpClient({ limits: { idleMs: 50 } });
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(0x0a)) });
    const headers = { "content-type": "application/x-protobuf" };
    const response = await slow.app.request("/v1/logs", { method: "POST", headers, body });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
  });

  test("because of a fault answers 500, says nothing of it, and tells the log", async () => {
    await using other = otlpClient({ wrap: failing(undefined) });
    const answer = await other.send("logs", FULL_JSON.logs);
    expect(answer).toMatchObject({ status: 500, type: "application/json", failure: { code: 13 } });
    expect(answer.failure?.message).not.toContain("a fault");
    expect(other.logged).toEqual([
      expect.objectContaining({
        path: "/v1/logs",
        status: 500,
        error: expect.objectContaining({ message: "a fault" }),
      }),
    ]);
  });

  test("for a while takes all of them when they are sent again, each once", async () => {
    await using other = otlpClient({ wrap: failing("QUEUE_FULL", 1) });
    expect((await other.send("logs", FULL_PROTOBUF.logs)).status).toBe(503);
    expect((await other.send("logs", FULL_PROTOBUF.logs)).status).toBe(200);
    expect((await other.store.queryEvents()).items).toHaveLength(2);
  });

  test("is asked not to wait at first; once rows are stored the rest waits for its turn", async () => {
    const waits: boolean[] = [];
    await using other = otlpClient({
      wrap: (store) =>
        new Proxy(store, {
          get: (target, name) => {
            if (name !== "addProfile") return Reflect.get(target, name).bind(target);
            return (...[input, options]: Parameters<TelemetryPool["addProfile"]>) => {
              waits.push(options?.wait ?? true);
              return target.addProfile(input, options);
            };
          },
        }),
    });
    expect((await other.send("traces", encodeProtobuf("traces", manySpans(1200)))).status).toBe(200);
    expect(waits).toEqual([...Array(512).fill(false), ...Array(688).fill(true)]);
  });
});
