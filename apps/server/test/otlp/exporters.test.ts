/**
 * The exporters of OpenTelemetry's SDK for JavaScript, as a program has them, against a server on a real socket.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { DiagLogLevel, diag, ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPLogExporter as LogsAsJson } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as LogsAsProtobuf } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as MetricsAsJson } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as MetricsAsProtobuf } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as TracesAsJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TracesAsProtobuf } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { TelepoolError } from "@telepool/core";
import type { AppStore } from "../../src/app-deps.ts";
import { type OtlpClient, otlpClient } from "./otlp-client.ts";

const TOKEN = "a-token-that-is-32-characters-ok";
const ENCODINGS = ["protobuf", "json"] as const;
const COMPRESSIONS = ["none", "gzip"] as const;
const WAYS = ENCODINGS.flatMap((encoding) => COMPRESSIONS.map((compression) => ({ encoding, compression })));
const resource = resourceFromAttributes({ "service.name": "checkout", "service.instance.id": "i-1" });

/** What the server is asked to do with requests before it serves them as usual. */
let interfere:
  | ((request: Request, serve: () => Response | Promise<Response>) => Response | Promise<Response>)
  | undefined;
let refuseOnce: TelepoolError | undefined;
let client: OtlpClient;
let server: Bun.Server<undefined>;
let warnings: string[];
let requests: { readonly path: string; readonly type: string | null; readonly encoding: string | null }[];

beforeEach(() => {
  interfere = undefined;
  refuseOnce = undefined;
  warnings = [];
  requests = [];
  const access = { tokens: [{ name: "sdk", token: TOKEN, scopes: ["ingest" as const] }] };
  client = otlpClient({ access, wrap: (store) => refusing(store) });
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      const { headers } = request;
      requests.push({ path: pathname, type: headers.get("content-type"), encoding: headers.get("content-encoding") });
      const serve = () => client.app.fetch(request);
      return interfere === undefined ? serve() : interfere(request, serve);
    },
  });
  const warn = (...words: unknown[]) => warnings.push(words.join(" "));
  diag.setLogger({ error: warn, warn, info: () => {}, debug: () => {}, verbose: () => {} }, DiagLogLevel.WARN);
});

afterEach(async () => {
  diag.disable();
  await server.stop(true);
  await client[Symbol.asyncDispose]();
});

/** The store, which refuses one row when it is told to. */
function refusing(store: AppStore): AppStore {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) => {
        const refused = refuseOnce;
        refuseOnce = undefined;
        return refused === undefined ? method.apply(target, given) : Promise.reject(refused);
      };
    },
  });
}

interface Exporter {
  export(items: never, done: (result: { code: number; error?: Error }) => void): void;
}

/** Remembers what an exporter is given and what became of it; `again` gives it the last of that once more. */
function watched<E extends Exporter>(exporter: E) {
  const results: { code: number; error?: Error }[] = [];
  const send = exporter.export.bind(exporter);
  let last: never;
  exporter.export = (items, done) => {
    last = items;
    send(items, (result) => {
      results.push(result);
      done(result);
    });
  };
  const again = () => new Promise<{ code: number; error?: Error }>((resolve) => send(last, resolve));
  return { exporter, results, again };
}

type Way = (typeof WAYS)[number];

/** As a program configures an exporter that it makes itself. */
function settings({ compression }: Way, path: string) {
  // The SDK has an enum with these values.
  const asEnum = { compression } as { compression: never };
  return { url: `${server.url.origin}/v1/${path}`, headers: { authorization: `Bearer ${TOKEN}` }, ...asEnum };
}

function tracing(way: Way) {
  const Exporter = way.encoding === "json" ? TracesAsJson : TracesAsProtobuf;
  const watch = watched(new Exporter(settings(way, "traces")));
  const provider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: watch.exporter })],
  });
  return { ...watch, provider, tracer: provider.getTracer("shop", "1.2.3") };
}

const media = { protobuf: "application/x-protobuf", json: "application/json" };
const asSent = ({ encoding, compression }: Way, path: string) => ({
  path,
  type: media[encoding],
  encoding: compression === "gzip" ? "gzip" : null,
});
const SUCCESS = { code: 0 };

describe.each(WAYS)("the SDK, sending $encoding with compression $compression", (way) => {
  test("stores spans with their parents, events, links and errors, and a resend is a no-op", async () => {
    const { provider, tracer, results, again } = tracing(way);
    const startMs = Date.now();
    const parent = tracer.startSpan("GET /cart", {
      kind: SpanKind.SERVER,
      attributes: { "http.route": "/cart", tries: 3 },
    });
    const inParent = trace.setSpan(ROOT_CONTEXT, parent);
    const link = {
      context: { traceId: "f".repeat(32), spanId: "e".repeat(16), traceFlags: 1 },
      attributes: { why: "batch" },
    };
    const child = tracer.startSpan("select", { kind: SpanKind.CLIENT, links: [link], startTime: startMs }, inParent);
    child.addEvent("cache miss", { key: "cart:1" });
    child.recordException(new RangeError("too far"));
    child.setStatus({ code: SpanStatusCode.ERROR, message: "boom" });
    child.end(startMs + 12.5);
    parent.end();
    await provider.forceFlush();
    expect(results).toEqual([SUCCESS]);
    expect(requests).toEqual([asSent(way, "/v1/traces")]);

    const { traceId, spanId } = child.spanContext();
    const stored = await client.store.getProfile(`${traceId}-${spanId}`);
    expect(stored).toMatchObject({
      session: traceId,
      member: "checkout",
      document: "select",
      timestamp: startMs,
      profile: {
        parentSpanId: parent.spanContext().spanId,
        kind: "CLIENT",
        durationMs: 12.5,
        startTimeUnixNano: `${startMs}000000`,
        status: { code: "ERROR", message: "boom" },
        events: [
          { name: "cache miss", attributes: { key: "cart:1" } },
          { name: "exception", attributes: { "exception.type": "RangeError", "exception.message": "too far" } },
        ],
        links: [{ traceId: "f".repeat(32), spanId: "e".repeat(16), attributes: { why: "batch" } }],
        resource: { attributes: { "service.name": "checkout", "service.instance.id": "i-1" } },
        scope: { name: "shop", version: "1.2.3" },
      },
    });
    expect(await client.store.getProfile(`${traceId}-${parent.spanContext().spanId}`)).toMatchObject({
      document: "GET /cart",
      profile: { kind: "SERVER", status: { code: "UNSET" }, attributes: { "http.route": "/cart", tries: 3 } },
    });

    expect(await again()).toEqual(SUCCESS);
    expect((await client.store.getSession(traceId))?.profileCount).toBe(2);
    await provider.shutdown();
    expect(warnings).toEqual([]);
  });

  test("stores log records, and a resend is a no-op", async () => {
    const Exporter = way.encoding === "json" ? LogsAsJson : LogsAsProtobuf;
    const { exporter, results, again } = watched(new Exporter(settings(way, "logs")));
    const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
    const logger = provider.getLogger("shop", "1.2.3");
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: "1".repeat(32),
      spanId: "2".repeat(16),
      traceFlags: 1,
    });
    const attributes = { cart: 7, nested: { deep: [1, "two", null] } };
    const severity = { severityNumber: SeverityNumber.WARN, severityText: "WARN" };
    logger.emit({ body: "cart is empty", timestamp: 1_700_000_000_123, context, attributes, ...severity });
    for (const _ of [1, 2])
      logger.emit({ body: { what: "twice" }, timestamp: 1_700_000_000_000, observedTimestamp: 1_700_000_000_000 });
    await provider.forceFlush();
    expect(results).toEqual([SUCCESS]);
    expect(requests).toEqual([asSent(way, "/v1/logs")]);

    const stored = (await client.store.queryEvents({ type: "log" })).items;
    expect(stored).toHaveLength(3);
    expect(stored[0]).toMatchObject({
      session: "1".repeat(32),
      timestamp: 1_700_000_000_123,
      data: {
        body: "cart is empty",
        attributes,
        ...severity,
        spanId: "2".repeat(16),
        timeUnixNano: "1700000000123000000",
      },
    });
    expect(stored[1]).toMatchObject({ session: null, data: { body: { what: "twice" }, scope: { name: "shop" } } });

    expect(await again()).toEqual(SUCCESS);
    expect((await client.store.queryEvents({ type: "log" })).items).toEqual(stored);
    await provider.shutdown();
    expect(warnings).toEqual([]);
  });

  test("stores the points of metrics, and a resend is a no-op", async () => {
    const Exporter = way.encoding === "json" ? MetricsAsJson : MetricsAsProtobuf;
    const { exporter, results, again } = watched(new Exporter(settings(way, "metrics")));
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const exponential = {
      instrumentName: "size",
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    } as const;
    const provider = new MeterProvider({ resource, readers: [reader], views: [exponential] });
    const meter = provider.getMeter("shop", "1.2.3");
    const requestsCount = meter.createCounter("requests", { description: "How many came", unit: "{request}" });
    requestsCount.add(2, { route: "/cart" });
    requestsCount.add(1, { route: "/pay" });
    const duration = meter.createHistogram("duration", { unit: "ms", advice: { explicitBucketBoundaries: [10, 100] } });
    for (const value of [5, 50, 500.5]) duration.record(value);
    const size = meter.createHistogram("size");
    for (const value of [0, 1, 4]) size.record(value);
    meter.createObservableGauge("temperature").addCallback((result) => result.observe(21.5));
    meter.createUpDownCounter("carts").add(-1);
    await provider.forceFlush();
    expect(results).toEqual([SUCCESS]);
    expect(requests).toEqual([asSent(way, "/v1/metrics")]);

    const stored = (await client.store.queryEvents({ type: "metric" })).items;
    const data = stored.map((event) => event.data);
    expect(stored).toHaveLength(6);
    const sum = { kind: "sum", temporality: "CUMULATIVE" };
    const count = { name: "requests", description: "How many came", unit: "{request}", ...sum, monotonic: true };
    const containing = (part: object) => expect(data).toContainEqual(expect.objectContaining(part));
    containing({ ...count, value: 2, attributes: { route: "/cart" } });
    containing({ ...count, value: 1, attributes: { route: "/pay" } });
    containing({ name: "carts", ...sum, monotonic: false, value: -1 });
    containing({ name: "temperature", kind: "gauge", value: 21.5 });
    const buckets = { bucketCounts: [1, 1, 1], explicitBounds: [10, 100] };
    containing({ name: "duration", kind: "histogram", count: 3, sum: 555.5, min: 5, max: 500.5, ...buckets });
    containing({ name: "size", kind: "exponentialHistogram", count: 3, zeroCount: 1, sum: 5, min: 0, max: 4 });

    expect(await again()).toEqual(SUCCESS);
    expect((await client.store.queryEvents({ type: "metric" })).items).toEqual(stored);
    await provider.shutdown();
    expect(warnings).toEqual([]);
  });
});

describe.each(WAYS.filter(({ compression }) => compression === "none"))("the SDK, sending $encoding", (way) => {
  test("tells its program of spans that were rejected, and does not send them again", async () => {
    const { provider, tracer, results } = tracing(way);
    refuseOnce = new TelepoolError("ROW_TOO_LARGE", "too large");
    tracer.startSpan("bad").end();
    tracer.startSpan("good").end();
    await provider.forceFlush();
    expect(results).toEqual([SUCCESS]);
    expect(requests).toHaveLength(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("Received Partial Success response");
    expect(warnings[0]).toContain("1 of 2 spans were rejected: the row is larger than the database takes");
    expect((await client.store.queryProfiles()).items).toMatchObject([{ document: "good" }]);
    await provider.shutdown();
  });

  test("waits when the store is full, sends again, and succeeds", async () => {
    const { provider, tracer, results } = tracing(way);
    refuseOnce = new TelepoolError("QUEUE_FULL", "the profiles queue is full", { retryAfterMs: 200 });
    tracer.startSpan("late").end();
    const startedMs = performance.now();
    await provider.forceFlush();
    expect(performance.now() - startedMs).toBeGreaterThan(900); // it waits as long as `retry-after` says: whole seconds
    expect(results).toEqual([SUCCESS]);
    expect(requests).toHaveLength(2);
    expect((await client.store.queryProfiles()).items).toMatchObject([{ document: "late" }]);
    await provider.shutdown();
    expect(warnings).toEqual([]);
  });

  test("sends again what was stored without its knowing, and it is stored once", async () => {
    const { provider, tracer, results } = tracing(way);
    interfere = async (_, serve) => {
      interfere = undefined;
      await serve();
      return new Response(null, { status: 502, headers: { "retry-after": "1" } });
    };
    tracer.startSpan("once").end();
    await provider.forceFlush();
    expect(results).toEqual([SUCCESS]);
    expect(requests).toHaveLength(2);
    expect((await client.store.queryProfiles()).items).toHaveLength(1);
    await provider.shutdown();
  });

  test("gives up at once when its token is wrong, and can say why", async () => {
    const Exporter = way.encoding === "json" ? TracesAsJson : TracesAsProtobuf;
    const config = { ...settings(way, "traces"), headers: { authorization: "Bearer wrong" } };
    const { exporter, results } = watched(new Exporter(config));
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    provider.getTracer("shop").startSpan("unheard").end();
    await provider.forceFlush().catch(() => {});
    expect(results).toMatchObject([{ code: 1, error: { code: 401 } }]);
    expect(requests).toHaveLength(1);
    await provider.shutdown().catch(() => {});
  });
});

/** Sets variables of the environment until it is disposed of. */
function environment(variables: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

test("an exporter that knows nothing but the environment, as docs/opentelemetry.md has it, sends to the right path", async () => {
  using _ = environment({
    OTEL_EXPORTER_OTLP_ENDPOINT: server.url.origin,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${TOKEN}`,
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });
  const provider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter: new TracesAsProtobuf() })],
  });
  provider.getTracer("shop").startSpan("by the environment").end();
  await provider.forceFlush();
  await provider.shutdown();
  expect(requests).toEqual([asSent({ encoding: "protobuf", compression: "gzip" }, "/v1/traces")]);
  expect((await client.store.queryProfiles()).items).toMatchObject([{ document: "by the environment" }]);
  expect(warnings).toEqual([]);
});
