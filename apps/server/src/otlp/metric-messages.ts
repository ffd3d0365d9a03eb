/** The messages of `/v1/metrics`. */
import type { JsonObject } from "@telepool/core";
import { RESOURCE, type Resource, SCOPE, type Scope } from "./common-messages.ts";
import {
  attributes,
  bool,
  double,
  enumeration,
  fixed64,
  listOf,
  type Message,
  many,
  message,
  nested,
  optional,
  records,
  sfixed64,
  sint32,
  spanId,
  text,
  traceId,
  uint32,
  uint64,
} from "./message.ts";

export interface MetricsRequest {
  readonly resourceMetrics: readonly ResourceMetrics[];
}

interface ResourceMetrics {
  readonly resource: Resource | undefined;
  readonly scopeMetrics: readonly ScopeMetrics[];
  readonly schemaUrl: string;
}

interface ScopeMetrics {
  readonly scope: Scope | undefined;
  readonly metrics: readonly Metric[];
  readonly schemaUrl: string;
}

/** One of the five kinds of data is there. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly gauge: MetricData | undefined;
  readonly sum: MetricData | undefined;
  readonly histogram: MetricData | undefined;
  readonly exponentialHistogram: MetricData | undefined;
  readonly summary: MetricData | undefined;
  readonly metadata: JsonObject;
}

/** Of each kind. Only a sum has `isMonotonic`; gauges and summaries have no temporality. */
export interface MetricData {
  /** To be read as `NUMBER_POINT`, `HISTOGRAM_POINT`, `EXPONENTIAL_POINT` or `SUMMARY_POINT`. */
  readonly dataPoints: readonly unknown[];
  readonly aggregationTemporality: number;
  readonly isMonotonic: boolean;
}

/** What the points of every kind have. */
export interface DataPoint {
  readonly attributes: JsonObject;
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly flags: number;
}

export interface NumberPoint extends DataPoint {
  readonly asDouble: number | undefined;
  readonly asInt: bigint | undefined;
  readonly exemplars: readonly Exemplar[];
}

export interface HistogramPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number | undefined;
  readonly bucketCounts: readonly bigint[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export interface ExponentialPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly positive: Buckets | undefined;
  readonly negative: Buckets | undefined;
  readonly exemplars: readonly Exemplar[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly zeroThreshold: number;
}

export interface Buckets {
  readonly offset: number;
  readonly bucketCounts: readonly bigint[];
}

export interface SummaryPoint extends DataPoint {
  readonly count: bigint;
  readonly sum: number;
  readonly quantileValues: readonly QuantileValue[];
}

interface QuantileValue {
  readonly quantile: number;
  readonly value: number;
}

export interface Exemplar {
  readonly filteredAttributes: JsonObject;
  readonly timeUnixNano: bigint;
  readonly asDouble: number | undefined;
  readonly asInt: bigint | undefined;
  readonly spanId: string;
  readonly traceId: string;
}

const EXEMPLAR: Message<Exemplar> = message({
  filteredAttributes: attributes(7),
  timeUnixNano: fixed64(2),
  asDouble: optional(double(3)),
  asInt: optional(sfixed64(6)),
  spanId: spanId(4),
  traceId: traceId(5),
});

export const NUMBER_POINT: Message<NumberPoint> = message({
  attributes: attributes(7),
  startTimeUnixNano: fixed64(2),
  timeUnixNano: fixed64(3),
  asDouble: optional(double(4)),
  asInt: optional(sfixed64(6)),
  exemplars: listOf(5, () => EXEMPLAR),
  flags: uint32(8),
});

export const HISTOGRAM_POINT: Message<HistogramPoint> = message({
  attributes: attributes(9),
  startTimeUnixNano: fixed64(2),
  timeUnixNano: fixed64(3),
  count: fixed64(4),
  sum: optional(double(5)),
  bucketCounts: many(fixed64(6)),
  explicitBounds: many(double(7)),
  exemplars: listOf(8, () => EXEMPLAR),
  flags: uint32(10),
  min: optional(double(11)),
  max: optional(double(12)),
});

const BUCKETS: Message<Buckets> = message({ offset: sint32(1), bucketCounts: many(uint64(2)) });

export const EXPONENTIAL_POINT: Message<ExponentialPoint> = message({
  attributes: attributes(1),
  startTimeUnixNano: fixed64(2),
  timeUnixNano: fixed64(3),
  count: fixed64(4),
  sum: optional(double(5)),
  scale: sint32(6),
  zeroCount: fixed64(7),
  positive: nested(8, () => BUCKETS),
  negative: nested(9, () => BUCKETS),
  flags: uint32(10),
  exemplars: listOf(11, () => EXEMPLAR),
  min: optional(double(12)),
  max: optional(double(13)),
  zeroThreshold: double(14),
});

const QUANTILE_VALUE: Message<QuantileValue> = message({ quantile: double(1), value: double(2) });

export const SUMMARY_POINT: Message<SummaryPoint> = message({
  attributes: attributes(7),
  startTimeUnixNano: fixed64(2),
  timeUnixNano: fixed64(3),
  count: fixed64(4),
  sum: double(5),
  quantileValues: listOf(6, () => QUANTILE_VALUE),
  flags: uint32(8),
});

const METRIC_DATA: Message<MetricData> = message({
  dataPoints: records(1),
  aggregationTemporality: enumeration(2),
  isMonotonic: bool(3),
});

const METRIC: Message<Metric> = message({
  name: text(1),
  description: text(2),
  unit: text(3),
  gauge: nested(5, () => METRIC_DATA),
  sum: nested(7, () => METRIC_DATA),
  histogram: nested(9, () => METRIC_DATA),
  exponentialHistogram: nested(10, () => METRIC_DATA),
  summary: nested(11, () => METRIC_DATA),
  metadata: attributes(12),
});

const SCOPE_METRICS: Message<ScopeMetrics> = message({
  scope: nested(1, () => SCOPE),
  metrics: listOf(2, () => METRIC),
  schemaUrl: text(3),
});

const RESOURCE_METRICS: Message<ResourceMetrics> = message({
  resource: nested(1, () => RESOURCE),
  scopeMetrics: listOf(2, () => SCOPE_METRICS),
  schemaUrl: text(3),
});

export const METRICS_REQUEST: Message<MetricsRequest> = message({
  resourceMetrics: listOf(1, () => RESOURCE_METRICS),
});
