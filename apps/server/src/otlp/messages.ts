/**
 * The messages of OTLP (opentelemetry-proto 1.11), as far as telepool reads them: one table, which both decoders follow,
 * protobuf by the numbers and JSON by the names. Whatever else is sent is skipped, as OTLP wants it of unknown fields.
 *
 * A field is its number, what it holds, and how it is there:
 * - `list`: any number of times. Every element counts as a value.
 * - `optional`: of this one it matters whether it was sent. Any other that is 0, false or empty is as good as absent.
 * - `deeper`: a message that is one level further down in a value.
 *
 * The order of the fields is that of their names in what is stored.
 */
import type { JsonObject, JsonValue } from "@telepool/core";

const MESSAGES = {
  AnyValue: {
    stringValue: [1, "text", "optional"],
    boolValue: [2, "bool", "optional"],
    intValue: [3, "int64", "optional"],
    doubleValue: [4, "double", "optional"],
    arrayValue: [5, "ArrayValue", "deeper"],
    kvlistValue: [6, "KeyValueList", "deeper"],
    bytesValue: [7, "bytes", "optional"],
  },
  ArrayValue: { values: [1, "AnyValue", "list"] },
  KeyValueList: { values: [1, "attributes"] },
  KeyValue: { key: [1, "text"], value: [2, "AnyValue", "optional"] },

  Resource: { attributes: [1, "attributes"], droppedAttributesCount: [2, "uint32"] },
  Scope: {
    name: [1, "text"],
    version: [2, "text"],
    attributes: [3, "attributes"],
    droppedAttributesCount: [4, "uint32"],
  },

  TracesData: { resourceSpans: [1, "ResourceSpans", "list"] },
  ResourceSpans: { resource: [1, "Resource"], scopeSpans: [2, "ScopeSpans", "list"], schemaUrl: [3, "text"] },
  ScopeSpans: { scope: [1, "Scope"], spans: [2, "record", "list"], schemaUrl: [3, "text"] },
  Span: {
    traceId: [1, "traceId"],
    spanId: [2, "spanId"],
    parentSpanId: [4, "spanId"],
    name: [5, "text"],
    kind: [6, "enum"],
    startTimeUnixNano: [7, "time"],
    endTimeUnixNano: [8, "time"],
    status: [15, "Status"],
    attributes: [9, "attributes"],
    droppedAttributesCount: [10, "uint32"],
    events: [11, "SpanEvent", "list"],
    droppedEventsCount: [12, "uint32"],
    links: [13, "SpanLink", "list"],
    droppedLinksCount: [14, "uint32"],
    traceState: [3, "text"],
    flags: [16, "fixed32"],
  },
  SpanEvent: {
    name: [2, "text"],
    timeUnixNano: [1, "time"],
    attributes: [3, "attributes"],
    droppedAttributesCount: [4, "uint32"],
  },
  SpanLink: {
    traceId: [1, "traceId"],
    spanId: [2, "spanId"],
    traceState: [3, "text"],
    attributes: [4, "attributes"],
    droppedAttributesCount: [5, "uint32"],
    flags: [6, "fixed32"],
  },
  Status: { code: [3, "enum"], message: [2, "text"] },

  LogsData: { resourceLogs: [1, "ResourceLogs", "list"] },
  ResourceLogs: { resource: [1, "Resource"], scopeLogs: [2, "ScopeLogs", "list"], schemaUrl: [3, "text"] },
  ScopeLogs: { scope: [1, "Scope"], logRecords: [2, "record", "list"], schemaUrl: [3, "text"] },
  LogRecord: {
    timeUnixNano: [1, "time"],
    observedTimeUnixNano: [11, "time"],
    severityNumber: [2, "enum"],
    severityText: [3, "text"],
    eventName: [12, "text"],
    body: [5, "AnyValue", "optional"],
    attributes: [6, "attributes"],
    droppedAttributesCount: [7, "uint32"],
    traceId: [9, "traceId"],
    spanId: [10, "spanId"],
    flags: [8, "fixed32"],
  },

  MetricsData: { resourceMetrics: [1, "ResourceMetrics", "list"] },
  ResourceMetrics: { resource: [1, "Resource"], scopeMetrics: [2, "ScopeMetrics", "list"], schemaUrl: [3, "text"] },
  ScopeMetrics: { scope: [1, "Scope"], metrics: [2, "Metric", "list"], schemaUrl: [3, "text"] },
  Metric: {
    name: [1, "text"],
    description: [2, "text"],
    unit: [3, "text"],
    gauge: [5, "MetricData"],
    sum: [7, "MetricData"],
    histogram: [9, "MetricData"],
    exponentialHistogram: [10, "MetricData"],
    summary: [11, "MetricData"],
    metadata: [12, "attributes"],
  },
  // Gauge, Sum, Histogram, ExponentialHistogram and Summary in one: not all of them have a temporality, only sums `isMonotonic`.
  MetricData: {
    dataPoints: [1, "record", "list"],
    aggregationTemporality: [2, "enum"],
    isMonotonic: [3, "bool"],
  },
  NumberDataPoint: {
    attributes: [7, "attributes"],
    asDouble: [4, "double", "optional"],
    asInt: [6, "sfixed64", "optional"],
    exemplars: [5, "Exemplar", "list"],
    startTimeUnixNano: [2, "time"],
    timeUnixNano: [3, "time"],
    flags: [8, "uint32"],
  },
  HistogramDataPoint: {
    attributes: [9, "attributes"],
    count: [4, "fixed64"],
    sum: [5, "double", "optional"],
    min: [11, "double", "optional"],
    max: [12, "double", "optional"],
    bucketCounts: [6, "fixed64", "list"],
    explicitBounds: [7, "double", "list"],
    exemplars: [8, "Exemplar", "list"],
    startTimeUnixNano: [2, "time"],
    timeUnixNano: [3, "time"],
    flags: [10, "uint32"],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, "attributes"],
    count: [4, "fixed64"],
    sum: [5, "double", "optional"],
    min: [12, "double", "optional"],
    max: [13, "double", "optional"],
    scale: [6, "sint32"],
    zeroCount: [7, "fixed64"],
    zeroThreshold: [14, "double"],
    positive: [8, "Buckets"],
    negative: [9, "Buckets"],
    exemplars: [11, "Exemplar", "list"],
    startTimeUnixNano: [2, "time"],
    timeUnixNano: [3, "time"],
    flags: [10, "uint32"],
  },
  Buckets: { offset: [1, "sint32"], bucketCounts: [2, "uint64", "list"] },
  SummaryDataPoint: {
    attributes: [7, "attributes"],
    count: [4, "fixed64"],
    sum: [5, "double"],
    quantileValues: [6, "QuantileValue", "list"],
    startTimeUnixNano: [2, "time"],
    timeUnixNano: [3, "time"],
    flags: [8, "uint32"],
  },
  QuantileValue: { quantile: [1, "double"], value: [2, "double"] },
  Exemplar: {
    asDouble: [3, "double", "optional"],
    asInt: [6, "sfixed64", "optional"],
    timeUnixNano: [2, "time"],
    traceId: [5, "traceId"],
    spanId: [4, "spanId"],
    filteredAttributes: [7, "attributes"],
  },
} as const;

/** What is decoded of each kind of value: JSON that can be stored. Integers and doubles are text where JSON has no such number. */
interface Scalars {
  readonly bool: boolean;
  /** As base64. */
  readonly bytes: string;
  readonly double: number | string;
  readonly enum: number;
  readonly fixed32: number;
  readonly fixed64: number | string;
  readonly int64: number | string;
  readonly sfixed64: number | string;
  readonly sint32: number;
  /** 16 hexadecimal digits, or `""` for one of another length or all zero. */
  readonly spanId: string;
  /** Without NUL and lone surrogates. */
  readonly text: string;
  /** A `fixed64` of nanoseconds since 1970, as text; `""` for 0. */
  readonly time: string;
  /** 32 hexadecimal digits, or `""` likewise. */
  readonly traceId: string;
  readonly uint32: number;
  readonly uint64: number | string;
}

interface Values extends Scalars {
  /** A list of keys and values as one object; of equal keys the last one counts. */
  readonly attributes: JsonObject;
  /** A message that is decoded later, by itself, so that one that cannot be read spoils no other. */
  readonly record: unknown;
  /** Any value, as JSON. */
  readonly AnyValue: JsonValue;
}

type Messages = typeof MESSAGES;

export type ScalarKind = keyof Scalars;
export type MessageName = keyof Messages;

/** A message as it is decoded. */
export type Decoded<M extends MessageName> = {
  readonly [F in keyof Messages[M]]: FieldValue<Messages[M][F]> | undefined;
};

type FieldValue<F> = F extends readonly [number, infer K, "list"]
  ? KindValue<K>[]
  : F extends readonly [number, infer K, ...unknown[]]
    ? KindValue<K>
    : never;
type KindValue<K> = K extends keyof Values ? Values[K] : K extends MessageName ? Decoded<K> : never;

/** A field, ready for the decoders. */
export interface Field {
  readonly name: string;
  readonly number: number;
  readonly kind: keyof Values | MessageName;
  readonly mode: "list" | "optional" | "deeper" | undefined;
  /** Whether it may be sent any number of times. */
  readonly isList: boolean;
  /** The message that it or each of its elements is; undefined for scalars and records. */
  readonly message: MessageName | undefined;
}

/** A message, ready for the decoders. */
export interface Table {
  readonly fields: readonly Field[];
  /** The fields at the index of their number. */
  readonly byNumber: readonly (Field | undefined)[];
  /** The message of which nothing was sent. It has all names, so that what is decoded has them in one order. */
  readonly absent: Readonly<Record<string, undefined>>;
}

/** What the decoders go by. */
export const TABLES: Readonly<Record<MessageName, Table>> = Object.fromEntries(
  Object.entries(MESSAGES).map(([name, fields]) => [name, tableOf(fields)]),
) as Record<MessageName, Table>; // the same names

function tableOf(message: Readonly<Record<string, readonly [number, Field["kind"], Field["mode"]?]>>): Table {
  const fields = Object.entries(message).map(([name, [number, kind, mode]]) => {
    const held = kind === "attributes" ? "KeyValue" : kind;
    const isList = mode === "list" || kind === "attributes";
    return { name, number, kind, mode, isList, message: isMessage(held) ? held : undefined };
  });
  const byNumber: Field[] = [];
  for (const field of fields) byNumber[field.number] = field;
  return { fields, byNumber, absent: Object.fromEntries(fields.map(({ name }) => [name, undefined])) };
}

function isMessage(kind: string): kind is MessageName {
  return kind in MESSAGES;
}
