import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { FULL_PROTOBUF } from "../../test/otlp/full-requests.ts";
import { type OtlpClient, otlpClient } from "../../test/otlp/otlp-client.ts";
import { encodeProtobuf } from "../../test/otlp/protobuf-encoder.ts";

const TRACE = "0102030405060708090a0b0c0d0e0f10";
const SPAN = "1112131415161718";
const ATTRIBUTES = {
  text: "grüße 🎈",
  yes: true,
  no: false,
  whole: -42,
  huge: "9223372036854775807",
  least: "-9223372036854775808",
  half: 0.5,
  bytes: "AAEC/w==",
  none: null,
  list: ["a", 1, []],
  map: { inner: { x: -1.25 } },
  ["__proto__"]: "harmless",
};
const ORIGIN = {
  resource: {
    attributes: { "service.name": "checkout", "host.name": "h1" },
    droppedAttributesCount: 1,
    schemaUrl: "https://r",
  },
  scope: {
    name: "lib",
    version: "1.2.3",
    attributes: { k: "v" },
    droppedAttributesCount: 2,
    schemaUrl: "https://s",
  },
};

let client: OtlpClient;

beforeEach(() => {
  client = otlpClient();
});

afterEach(() => client[Symbol.asyncDispose]());

/** Sends a span, once in each encoding, and returns what is stored. */
async function profileOf(span: object, resourceAttributes: object[] = []) {
  const whole = { traceId: TRACE, spanId: SPAN, startTimeUnixNano: "1700000000000000000", ...span };
  const resource = { attributes: resourceAttributes };
  const body = { resourceSpans: [{ resource, scopeSpans: [{ spans: [whole] }] }] };
  expect(await client.send("traces", body)).toMatchObject({ status: 200, partial: undefined });
  const profile = await client.store.getProfile(`${TRACE}-${SPAN}`);
  await using other = otlpClient();
  expect(await other.send("traces", encodeProtobuf("traces", body))).toMatchObject({ status: 200, partial: undefined });
  expect(await other.store.getProfile(`${TRACE}-${SPAN}`)).toEqual(profile);
  return profile;
}

const logs = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const events = async (of = client) => (await of.store.queryEvents({}, { limit: 1000 })).items;

describe("a span", () => {
  test("becomes a profile with all that it has", async () => {
    await client.send("traces", FULL_PROTOBUF.traces);
    expect(await client.store.getProfile(`${TRACE}-${SPAN}`)).toEqual({
      id: `${TRACE}-${SPAN}`,
      session: TRACE,
      member: "checkout",
      document: "GET /cart",
      timestamp: 1_700_000_000_123,
      profile: {
        traceId: TRACE,
        spanId: SPAN,
        parentSpanId: "2122232425262728",
        name: "GET /cart",
        kind: "CLIENT",
        durationMs: 2.501001,
        startTimeUnixNano: "1700000000123456789",
        endTimeUnixNano: "1700000000125957790",
        status: { code: "ERROR", message: "boom" },
        attributes: ATTRIBUTES,
        droppedAttributesCount: 3,
        events: [
          {
            name: "cache miss",
            timeUnixNano: "1700000000124000001",
            attributes: { key: "cart:1" },
            droppedAttributesCount: 4,
          },
        ],
        droppedEventsCount: 5,
        links: [
          {
            traceId: "f".repeat(32),
            spanId: "e".repeat(16),
            traceState: "c=d",
            attributes: { why: "batch" },
            droppedAttributesCount: 6,
            flags: 257,
          },
        ],
        droppedLinksCount: 7,
        traceState: "a=b",
        flags: 769,
        ...ORIGIN,
      },
    });
  });

  test("with nothing but its ids is of an unknown service, has no name, and came now", async () => {
    const beforeMs = Date.now();
    await client.send("traces", { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: TRACE, spanId: SPAN }] }] }] });
    const profile = await client.store.getProfile(`${TRACE}-${SPAN}`);
    expect(profile).toMatchObject({ member: "unknown_service", document: "unnamed" });
    expect(profile?.profile).toEqual({ traceId: TRACE, spanId: SPAN, status: { code: "UNSET" } });
    expect(profile?.timestamp).toBeGreaterThanOrEqual(beforeMs);
  });

  test("has its ids in lower case, however they were sent", async () => {
    expect(await profileOf({ traceId: TRACE.toUpperCase(), parentSpanId: "ABCDEFABCDEFABCD" })).toMatchObject({
      session: TRACE,
      profile: { parentSpanId: "abcdefabcdefabcd" },
    });
  });

  test("keeps its full name in the profile, where the document has 255 characters of it", async () => {
    const name = "🎈".repeat(300);
    expect(await profileOf({ name })).toMatchObject({ document: "🎈".repeat(255), profile: { name } });
  });

  test("keeps its text storable: NUL and half a surrogate pair become U+FFFD", async () => {
    const attributes = [{ key: "a\0\ud800", value: { stringValue: "\udc00b\0" } }];
    const { traceId, spanId, name } = { traceId: TRACE, spanId: SPAN, name: "\0" };
    const service = [{ key: "service.name", value: { stringValue: "ser\0vice" } }];
    const body = {
      resourceSpans: [
        { resource: { attributes: service }, scopeSpans: [{ spans: [{ traceId, spanId, name, attributes }] }] },
      ],
    };
    expect(await client.send("traces", body)).toMatchObject({ status: 200, partial: undefined });
    expect(await client.store.getProfile(`${TRACE}-${SPAN}`)).toMatchObject({
      document: "\ufffd",
      member: "ser\ufffdvice",
      profile: { attributes: { "a\ufffd\ufffd": "\ufffdb\ufffd" } },
    });
  });

  test("keeps what is not UTF-8 in protobuf as U+FFFD", async () => {
    const sent = { traceId: TRACE, spanId: SPAN, name: "a?b" };
    const bytes = encodeProtobuf("traces", { resourceSpans: [{ scopeSpans: [{ spans: [sent] }] }] });
    bytes[bytes.indexOf("a?b") + 1] = 0xff;
    expect((await client.send("traces", bytes)).status).toBe(200);
    expect(await client.store.getProfile(`${TRACE}-${SPAN}`)).toMatchObject({ document: "a\ufffdb" });
  });

  test("keeps numbers that JSON does not have as text", async () => {
    const doubles = ["NaN", "Infinity", "-Infinity", "1e300", -0.5];
    const attributes = doubles.map((doubleValue, n) => ({ key: `n${n}`, value: { doubleValue } }));
    const profile = await profileOf({ attributes });
    expect(profile?.profile.attributes).toEqual({ n0: "NaN", n1: "Infinity", n2: "-Infinity", n3: 1e300, n4: -0.5 });
  });

  test("keeps whole numbers exactly, on both sides of 2^53", async () => {
    const whole = ["9007199254740991", "9007199254740992", "-9007199254740991", "-9007199254740993", 7];
    const profile = await profileOf({
      attributes: whole.map((intValue, n) => ({ key: `n${n}`, value: { intValue } })),
      startTimeUnixNano: "18446744073709551614",
      endTimeUnixNano: "18446744073709551615",
    });
    expect(profile).toMatchObject({
      timestamp: 18_446_744_073_709,
      profile: {
        startTimeUnixNano: "18446744073709551614",
        endTimeUnixNano: "18446744073709551615",
        durationMs: 0.000001,
        attributes: {
          n0: 9007199254740991,
          n1: "9007199254740992",
          n2: -9007199254740991,
          n3: "-9007199254740993",
          n4: 7,
        },
      },
    });
  });

  test("has no duration when it has not ended, or ended before it began", async () => {
    expect((await profileOf({}))?.profile).not.toHaveProperty("durationMs");
    const spanId = "a".repeat(16);
    const backwards = { traceId: TRACE, spanId, startTimeUnixNano: 2000, endTimeUnixNano: 1000 };
    await client.send("traces", { resourceSpans: [{ scopeSpans: [{ spans: [backwards] }] }] });
    const profile = await client.store.getProfile(`${TRACE}-${spanId}`);
    expect(profile?.profile).toMatchObject({ startTimeUnixNano: "2000", endTimeUnixNano: "1000" });
    expect(profile?.profile).not.toHaveProperty("durationMs");
  });

  test("that lasted no time has a duration of 0", async () => {
    expect(await profileOf({ endTimeUnixNano: "1700000000000000000" })).toMatchObject({ profile: { durationMs: 0 } });
  });

  test("of a kind or status that is not known yet keeps the number", async () => {
    expect(await profileOf({ kind: 9, status: { code: 7 } })).toMatchObject({
      profile: { kind: 9, status: { code: 7 } },
    });
  });

  test("takes nulls and unknown fields in JSON as absent", async () => {
    const span = {
      traceId: TRACE,
      spanId: SPAN,
      name: null,
      attributes: [{ key: "a", value: null }, { key: "b", value: { stringValue: null } }, { key: null }],
      events: null,
      status: null,
      span_kind: 5,
      deep: { er: [1] },
    };
    await client.send("traces", { resourceSpans: [{ resource: null, scopeSpans: [{ scope: null, spans: [span] }] }] });
    expect((await client.store.getProfile(`${TRACE}-${SPAN}`))?.profile).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      status: { code: "UNSET" },
      attributes: { a: null, b: null, "": null },
    });
  });

  test("of equal keys keeps the last value", async () => {
    const attributes = ["first", "last"].map((stringValue) => ({ key: "k", value: { stringValue } }));
    expect(await profileOf({ attributes })).toMatchObject({ profile: { attributes: { k: "last" } } });
  });

  test("keeps an attribute that is called toJSON, which the store refuses, as toJSON_", async () => {
    const inner = [{ key: "toJSON", value: { boolValue: true } }];
    const attributes = [
      { key: "toJSON", value: { stringValue: "x" } },
      { key: "map", value: { kvlistValue: { values: inner } } },
    ];
    expect(await profileOf({ attributes }, attributes)).toMatchObject({
      profile: {
        attributes: { toJSON_: "x", map: { toJSON_: true } },
        resource: { attributes: { toJSON_: "x" } },
      },
    });
  });

  test("takes long numbers in JSON exactly, although they are not sent as text", async () => {
    const text = `{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "${TRACE}", "spanId": "${SPAN}",
      "startTimeUnixNano": 1700000000123456789, "endTimeUnixNano":1700000000123456790, "name": "at 1700000000123456789, it",
      "attributes": [{"key": "n", "value": {"intValue": -9223372036854775807}}]}]}]}]}`;
    await client.send("traces", Buffer.from(text), { "content-type": "application/json" });
    expect((await client.store.getProfile(`${TRACE}-${SPAN}`))?.profile).toMatchObject({
      name: "at 1700000000123456789, it",
      startTimeUnixNano: "1700000000123456789",
      durationMs: 0.000001,
      attributes: { n: "-9223372036854775807" },
    });
  });

  test("has its service's name also where that is a number", async () => {
    expect(await profileOf({}, [{ key: "service.name", value: { intValue: 7 } }])).toMatchObject({ member: "7" });
  });
});

describe("a log record", () => {
  test("becomes an event of its trace, with all that it has", async () => {
    await client.send("logs", FULL_PROTOBUF.logs);
    const [plain, full] = await events();
    expect(full).toEqual({
      id: expect.stringMatching(/^[\da-f]{32}$/),
      type: "log",
      session: TRACE,
      timestamp: 1_700_000_000_123,
      data: {
        timeUnixNano: "1700000000123456789",
        observedTimeUnixNano: "1700000000223456789",
        severityNumber: 17,
        severityText: "ERROR",
        eventName: "checkout.failed",
        body: ATTRIBUTES,
        attributes: ATTRIBUTES,
        droppedAttributesCount: 8,
        traceId: TRACE,
        spanId: SPAN,
        flags: 1,
        ...ORIGIN,
      },
    });
    expect(plain).toMatchObject({ type: "log", session: null, timestamp: 1_700_000_000_323, data: { body: "plain" } });
  });

  const line = { timeUnixNano: "1700000000000000001", body: { stringValue: "again" } };

  test("that is sent again is stored once, in whatever encoding", async () => {
    for (const body of [logs(line), encodeProtobuf("logs", logs(line)), logs(line)]) {
      expect((await client.send("logs", body)).status).toBe(200);
    }
    expect(await events()).toHaveLength(1);
  });

  test("that is equal to others of its request is stored as often as it comes, and not again when it is resent", async () => {
    const body = logs(line, { ...line, severityNumber: 9 }, line, line);
    await client.send("logs", body);
    const stored = await events();
    expect(stored).toHaveLength(4);
    await client.send("logs", body);
    expect(await events()).toEqual(stored);
  });

  test("differs from one that is equal but for the nanosecond, the scope or the resource", async () => {
    const scoped = (name: string, service: string) => ({
      resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
      scopeLogs: [{ scope: { name }, logRecords: [line] }],
    });
    await client.send("logs", logs(line, { ...line, timeUnixNano: "1700000000000000002" }));
    await client.send("logs", { resourceLogs: [scoped("a", "s"), scoped("b", "s"), scoped("a", "t")] });
    expect(await events()).toHaveLength(5);
  });

  test("without any time is stored each time that it comes", async () => {
    const beforeMs = Date.now();
    for (const _ of [1, 2]) await client.send("logs", logs({ body: { stringValue: "when?" } }));
    const stored = await events();
    expect(stored).toHaveLength(2);
    expect(stored[0]?.timestamp).toBeGreaterThanOrEqual(beforeMs);
  });

  test("with ids that are none belongs to no session", async () => {
    await client.send("logs", logs({ ...line, traceId: "0".repeat(32), spanId: "xyz" }));
    const [event] = await events();
    expect(event?.session).toBeNull();
    expect(event?.data).not.toHaveProperty("traceId");
  });
});

describe("a metric", () => {
  test("becomes an event for each of its points, of whatever kind", async () => {
    await client.send("metrics", FULL_PROTOBUF.metrics);
    const stored = await events();
    expect(stored).toHaveLength(6);
    const times = { startTimeUnixNano: "1700000000000000000", timeUnixNano: "1700000060000000001" };
    const common = { attributes: { route: "/cart" }, ...times, ...ORIGIN };
    const exemplars = [
      {
        value: 12.5,
        timeUnixNano: "1700000030000000000",
        traceId: TRACE,
        spanId: SPAN,
        attributes: { user: "u1" },
      },
      { value: -7, timeUnixNano: "1700000031000000000" },
    ];
    const depth = { name: "queue.depth", description: "How deep", unit: "{row}", kind: "gauge", metadata: { m: "n" } };
    const data = stored.map((event) => event.data);
    expect(data).toContainEqual({ ...common, ...depth, value: "-9007199254740993", exemplars, flags: 1 });
    expect(data).toContainEqual({ ...common, ...depth, value: 1.5, timeUnixNano: "1700000060000000002" });
    const requests = {
      name: "requests",
      unit: "1",
      kind: "sum",
      temporality: "CUMULATIVE",
      monotonic: true,
      value: 12,
    };
    expect(data).toContainEqual({ ...common, ...requests });
    expect(data).toContainEqual({
      ...common,
      name: "duration",
      unit: "s",
      kind: "histogram",
      temporality: "DELTA",
      count: 6,
      sum: 7.5,
      min: 0.25,
      max: 3,
      bucketCounts: [1, 2, 3],
      explicitBounds: [0.5, 1],
      exemplars,
    });
    expect(data).toContainEqual({
      ...common,
      name: "size",
      kind: "exponentialHistogram",
      temporality: "CUMULATIVE",
      count: 9,
      sum: -1.5,
      min: -9,
      max: 8,
      scale: -3,
      zeroCount: 2,
      zeroThreshold: 0.001,
      positive: { offset: -2, bucketCounts: [1, 0, 300] },
      negative: { offset: 1, bucketCounts: [4] },
      exemplars,
      flags: 1,
    });
    expect(data).toContainEqual({
      ...common,
      name: "latency",
      kind: "summary",
      count: 4,
      sum: 10,
      quantiles: [
        { quantile: 0.5, value: 2 },
        { quantile: 0.99, value: 4.5 },
      ],
      flags: 1,
    });
    expect(stored.every(({ type, session, timestamp }) => type === "metric" && session === null && timestamp > 0)).toBe(
      true,
    );
  });

  test("that is sent again is stored once; a later point is another", async () => {
    const point = { timeUnixNano: "1700000000000000001", asInt: 5 };
    const body = (...dataPoints: object[]) => ({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints } }] }] }],
    });
    for (const sent of [body(point), encodeProtobuf("metrics", body(point)), body(point, point)]) {
      expect((await client.send("metrics", sent)).status).toBe(200);
    }
    expect(await events()).toHaveLength(1);
    await client.send("metrics", body({ ...point, timeUnixNano: "1700000000000000002" }));
    expect(await events()).toHaveLength(2);
  });

  test("without a name, or a point without a time, is rejected", async () => {
    const metrics = [
      { gauge: { dataPoints: [{ timeUnixNano: 1, asInt: 1 }] } },
      { name: "m", sum: { dataPoints: [{ asDouble: 1 }, { timeUnixNano: 1_000_000, asDouble: "NaN" }] } },
    ];
    const { partial } = await client.send("metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    const message = "2 of 3 data points were rejected: a metric needs a name; a data point needs a time";
    expect(partial).toEqual({ rejected: 2, message });
    expect((await events())[0]?.data).toMatchObject({ name: "m", kind: "sum", monotonic: false, value: "NaN" });
  });
});
