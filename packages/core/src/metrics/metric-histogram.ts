/**
 * A histogram with fixed buckets. A record is a walk along the bounds and three additions, so there are to be few bounds, and
 * the lowest ones are to be where the values are.
 */
import type { HistogramFamily, HistogramPoint, MetricAttributes, MetricDefinition } from "./metric-family.ts";

/** What a histogram is. */
export interface HistogramDefinition extends MetricDefinition {
  /** The buckets' upper ends, which belong to them, in ascending order. */
  readonly bounds: readonly number[];
}

/** Gets every value as it is recorded. */
export type HistogramSink = (value: number, attributes: MetricAttributes) => void;

/** A distribution for each set of attributes. */
export class MetricHistogram {
  readonly definition: HistogramDefinition;
  readonly #series = new Map<string, HistogramSeries>();
  /** Shared with the series, which look into it at every record. */
  readonly #sinks: HistogramSink[] = [];

  constructor(definition: HistogramDefinition) {
    this.definition = definition;
  }

  /** The series of these attributes; whoever records often keeps it. */
  series(attributes: MetricAttributes): HistogramSeries {
    const key = JSON.stringify(Object.entries(attributes).sort());
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = new HistogramSeries(attributes, this.definition.bounds, this.#sinks);
    this.#series.set(key, series);
    return series;
  }

  /** Hands every value that is recorded from now on to `sink`; returns the function that ends it. */
  forward(sink: HistogramSink): () => void {
    this.#sinks.push(sink);
    return () => {
      const position = this.#sinks.indexOf(sink);
      if (position !== -1) this.#sinks.splice(position, 1);
    };
  }

  family(): HistogramFamily {
    return { ...this.definition, type: "histogram", points: [...this.#series.values()].map((one) => one.point()) };
  }
}

/** The distribution of one set of attributes. */
export class HistogramSeries {
  readonly #attributes: MetricAttributes;
  readonly #bounds: readonly number[];
  readonly #sinks: readonly HistogramSink[];
  readonly #buckets: number[];
  #count = 0;
  #sum = 0;

  constructor(attributes: MetricAttributes, bounds: readonly number[], sinks: readonly HistogramSink[]) {
    this.#attributes = attributes;
    this.#bounds = bounds;
    this.#sinks = sinks;
    this.#buckets = new Array<number>(bounds.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += value;
    if (this.#sinks.length > 0) for (const sink of this.#sinks) sink(value, this.#attributes);
  }

  point(): HistogramPoint {
    return { attributes: this.#attributes, buckets: [...this.#buckets], count: this.#count, sum: this.#sum };
  }
}
