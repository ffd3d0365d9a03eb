/**
 * A data point of a metric as an event of type `metric`. Its id is made of its content, as that of a log record is; a
 * point that is equal in everything, its time included, is the same point.
 */
import type { EventInput } from "@telepool/core";
import type { DecodeBudget, Decoder } from "./decoder.ts";
import {
  type Buckets,
  type DataPoint,
  EXPONENTIAL_POINT,
  type Exemplar,
  HISTOGRAM_POINT,
  type Metric,
  type MetricData,
  NUMBER_POINT,
  SUMMARY_POINT,
} from "./metric-messages.ts";
import { digest, type Origin } from "./origin.ts";
import { filled, jsonDouble, jsonInteger, MalformedError, toMs, toNanoText } from "./telemetry-value.ts";

/** The type of every such event. */
export const METRIC_EVENT = "metric";

const TEMPORALITIES: readonly (string | undefined)[] = [undefined, "DELTA", "CUMULATIVE"];

/** The points of a metric, and what is said of them all. */
export interface PointSource {
  readonly metric: Metric;
  readonly data: MetricData;
  readonly kind: PointKind;
  readonly origin: Origin;
}

type PointKind = "gauge" | "sum" | "histogram" | "exponentialHistogram" | "summary";

const POINT_KINDS: readonly PointKind[] = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];

/** The points of a metric: of one kind, if the client keeps to the rules. */
export function sourcesOf(metric: Metric, origin: Origin): PointSource[] {
  return POINT_KINDS.flatMap((kind) => {
    const data = metric[kind];
    return data === undefined ? [] : [{ metric, data, kind, origin }];
  });
}

/** @throws MalformedError */
export function metricEvent(
  encoded: unknown,
  { metric, data, kind, origin }: PointSource,
  decoder: Decoder,
  budget: DecodeBudget,
): EventInput {
  if (metric.name === "") throw new MalformedError("a metric needs a name");
  const [point, values] = READERS[kind](encoded, decoder, budget);
  const timestamp = toMs(point.timeUnixNano);
  if (timestamp === undefined) throw new MalformedError("a data point needs a time");
  // What is undefined does not become JSON.
  const content = {
    name: metric.name,
    description: metric.description || undefined,
    unit: metric.unit || undefined,
    kind,
    temporality: TEMPORALITIES[data.aggregationTemporality],
    monotonic: kind === "sum" ? data.isMonotonic : undefined,
    attributes: filled(point.attributes),
    ...values,
    startTimeUnixNano: toNanoText(point.startTimeUnixNano),
    timeUnixNano: toNanoText(point.timeUnixNano),
    flags: point.flags || undefined,
    metadata: filled(metric.metadata),
  };
  return {
    id: digest(METRIC_EVENT, origin.digest, JSON.stringify(content)),
    type: METRIC_EVENT,
    session: null,
    timestamp,
    data: { ...content, ...origin.shown },
  };
}

type PointReader = (encoded: unknown, decoder: Decoder, budget: DecodeBudget) => readonly [DataPoint, object];

const READERS: Readonly<Record<PointKind, PointReader>> = {
  gauge: readNumber,
  sum: readNumber,
  histogram: (encoded, decoder, budget) => {
    const point = decoder.read(encoded, HISTOGRAM_POINT, budget);
    const { count, sum, min, max, bucketCounts, explicitBounds, exemplars } = point;
    const values = {
      ...totals({ count, sum, min, max }),
      bucketCounts: filled(bucketCounts.map(jsonInteger)),
      explicitBounds: filled(explicitBounds.map(jsonDouble)),
      exemplars: filled(exemplars.map(shownExemplar)),
    };
    return [point, values];
  },
  exponentialHistogram: (encoded, decoder, budget) => {
    const point = decoder.read(encoded, EXPONENTIAL_POINT, budget);
    const { count, sum, min, max, scale, zeroCount, zeroThreshold, positive, negative, exemplars } = point;
    const values = {
      ...totals({ count, sum, min, max }),
      scale,
      zeroCount: jsonInteger(zeroCount),
      zeroThreshold: zeroThreshold === 0 ? undefined : jsonDouble(zeroThreshold),
      positive: shownBuckets(positive),
      negative: shownBuckets(negative),
      exemplars: filled(exemplars.map(shownExemplar)),
    };
    return [point, values];
  },
  summary: (encoded, decoder, budget) => {
    const point = decoder.read(encoded, SUMMARY_POINT, budget);
    const { count, sum, quantileValues } = point;
    const quantiles = quantileValues.map(({ quantile, value }) => {
      return { quantile: jsonDouble(quantile), value: jsonDouble(value) };
    });
    return [point, { ...totals({ count, sum }), quantiles: filled(quantiles) }];
  },
};

function readNumber(encoded: unknown, decoder: Decoder, budget: DecodeBudget): readonly [DataPoint, object] {
  const point = decoder.read(encoded, NUMBER_POINT, budget);
  return [point, { value: numberOf(point), exemplars: filled(point.exemplars.map(shownExemplar)) }];
}

interface Totals {
  readonly count: bigint;
  readonly sum?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

function totals({ count, sum, min, max }: Totals): object {
  return {
    count: jsonInteger(count),
    sum: sum === undefined ? undefined : jsonDouble(sum),
    min: min === undefined ? undefined : jsonDouble(min),
    max: max === undefined ? undefined : jsonDouble(max),
  };
}

function numberOf({ asInt, asDouble }: Pick<Exemplar, "asInt" | "asDouble">): number | string | undefined {
  if (asInt !== undefined) return jsonInteger(asInt);
  return asDouble === undefined ? undefined : jsonDouble(asDouble);
}

function shownBuckets(buckets: Buckets | undefined): object | undefined {
  if (buckets === undefined || buckets.bucketCounts.length === 0) return undefined;
  return { offset: buckets.offset, bucketCounts: buckets.bucketCounts.map(jsonInteger) };
}

function shownExemplar(exemplar: Exemplar): object {
  return {
    value: numberOf(exemplar),
    timeUnixNano: toNanoText(exemplar.timeUnixNano),
    traceId: exemplar.traceId || undefined,
    spanId: exemplar.spanId || undefined,
    attributes: filled(exemplar.filteredAttributes),
  };
}
