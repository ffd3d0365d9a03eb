/** What metrics look like at a moment: plain values, from which Prometheus' text and OpenTelemetry's points are made. */

/** What tells the points of a metric apart. The values are few and known beforehand: each makes a point that stays. */
export type MetricAttributes = Readonly<Record<string, string>>;

/** What a metric is. */
export interface MetricDefinition {
  /** In OpenTelemetry's dotted form: `db.client.connection.count`. */
  readonly name: string;
  /** By the Unified Code for Units of Measure, as OpenTelemetry writes it: `s`, `By`, `{row}`. */
  readonly unit: string;
  readonly description: string;
}

/** One number. */
export interface NumberPoint {
  readonly attributes: MetricAttributes;
  readonly value: number;
}

/** How values are distributed. */
export interface HistogramPoint {
  readonly attributes: MetricAttributes;
  /** How many values each bucket has, not summed up; one bucket more than there are bounds. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Numbers under one name: a `counter` only grows, an `upDownCounter` may be added up over its points, a `gauge` is a level
 * of its own.
 */
export interface NumberFamily extends MetricDefinition {
  readonly type: "counter" | "upDownCounter" | "gauge";
  readonly points: readonly NumberPoint[];
}

/** Distributions under one name. */
export interface HistogramFamily extends MetricDefinition {
  readonly type: "histogram";
  /** The buckets' upper ends, which belong to them, in ascending order; the last bucket has none. */
  readonly bounds: readonly number[];
  readonly points: readonly HistogramPoint[];
}

/** A metric with its points; without points nothing was measured yet. */
export type MetricFamily = NumberFamily | HistogramFamily;
