/**
 * A data point of a metric as an event of type `metric`. Its id is made of its content, as that of a log record is; a
 * point that is equal in everything, its time included, is the same point.
 */
import type { EventInput } from "@telepool/core";
import { type DecodeBudget, type Decoder, MalformedError } from "./decoder.ts";
import type { Decoded } from "./messages.ts";
import { digest, type Origin } from "./origin.ts";
import { toMs } from "./telemetry-value.ts";

const METRIC_EVENT = "metric";

const TEMPORALITIES: readonly (string | undefined)[] = [undefined, "DELTA", "CUMULATIVE"];

/** The points of a metric, and what is said of them all. */
export interface PointSource {
  readonly metric: Decoded<"Metric">;
  readonly data: Decoded<"MetricData">;
  readonly kind: PointKind;
}

type PointKind = "gauge" | "sum" | "histogram" | "exponentialHistogram" | "summary";

/** The points of a metric: of one kind, if the client keeps to the rules. */
export function sourcesOf(metric: Decoded<"Metric">): PointSource[] {
  // The record has every kind.
  return (Object.keys(READERS) as PointKind[]).flatMap((kind) => {
    const data = metric[kind];
    return data === undefined ? [] : [{ metric, data, kind }];
  });
}

/** @throws MalformedError */
export function metricEvent(
  encoded: unknown,
  { metric: { name, description, unit, metadata }, data, kind }: PointSource,
  origin: Origin,
  decoder: Decoder,
  budget: DecodeBudget,
): EventInput {
  if (name === undefined) throw new MalformedError("a metric needs a name");
  const point = READERS[kind](encoded, decoder, budget);
  const timestamp = toMs(point.timeUnixNano);
  if (timestamp === undefined) throw new MalformedError("a data point needs a time");
  const content = {
    name,
    description,
    unit,
    kind,
    temporality: TEMPORALITIES[data.aggregationTemporality ?? 0],
    monotonic: kind === "sum" ? (data.isMonotonic ?? false) : undefined,
    ...point,
    metadata,
  };
  return {
    id: digest(METRIC_EVENT, origin.digest, JSON.stringify(content)),
    type: METRIC_EVENT,
    session: null,
    timestamp,
    data: { ...content, ...origin.shown },
  };
}

/** What a row has of a point. */
interface ShownPoint {
  readonly timeUnixNano: string | undefined;
  readonly [field: string]: unknown;
}

type PointReader = (encoded: unknown, decoder: Decoder, budget: DecodeBudget) => ShownPoint;

const READERS: Readonly<Record<PointKind, PointReader>> = {
  gauge: readNumber,
  sum: readNumber,
  histogram: (encoded, decoder, budget) => {
    const point = decoder.read(encoded, "HistogramDataPoint", budget);
    return { ...point, count: point.count ?? 0, exemplars: point.exemplars?.map(shownExemplar) };
  },
  exponentialHistogram: (encoded, decoder, budget) => {
    const point = decoder.read(encoded, "ExponentialHistogramDataPoint", budget);
    return {
      ...point,
      count: point.count ?? 0,
      scale: point.scale ?? 0,
      zeroCount: point.zeroCount ?? 0,
      positive: shownBuckets(point.positive),
      negative: shownBuckets(point.negative),
      exemplars: point.exemplars?.map(shownExemplar),
    };
  },
  summary: (encoded, decoder, budget) => {
    const {
      attributes,
      count = 0,
      sum = 0,
      quantileValues,
      ...times
    } = decoder.read(encoded, "SummaryDataPoint", budget);
    const quantiles = quantileValues?.map(({ quantile = 0, value = 0 }) => ({ quantile, value }));
    return { attributes, count, sum, quantiles, ...times };
  },
};

function readNumber(encoded: unknown, decoder: Decoder, budget: DecodeBudget): ShownPoint {
  const { attributes, asInt, asDouble, exemplars, ...times } = decoder.read(encoded, "NumberDataPoint", budget);
  return { attributes, value: asInt ?? asDouble, exemplars: exemplars?.map(shownExemplar), ...times };
}

function shownBuckets(buckets: Decoded<"Buckets"> | undefined): object | undefined {
  return buckets?.bucketCounts && { ...buckets, offset: buckets.offset ?? 0 };
}

function shownExemplar({ asInt, asDouble, filteredAttributes, ...rest }: Decoded<"Exemplar">): object {
  return { value: asInt ?? asDouble, ...rest, attributes: filteredAttributes };
}
