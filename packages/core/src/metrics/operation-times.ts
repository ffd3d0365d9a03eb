/** How long calls of a store took, from the call to its answer: all together, and each kind for itself. Failures are left out. */
import { DurationHistogram } from "../duration-histogram.ts";
import type { MetricAttributes } from "./metric-family.ts";
import type { HistogramSeries, MetricHistogram } from "./metric-histogram.ts";

/** The calls that are told apart. What goes through a queue counts as the call with `add`. */
export type OperationName =
  | "addEvent"
  | "addProfile"
  | "aggregate"
  | "copy"
  | "getProfile"
  | "getSession"
  | "importEvents"
  | "importProfiles"
  | "insertEvents"
  | "insertProfiles"
  | "prune"
  | "queryEvents"
  | "queryProfiles"
  | "querySessions";

/** Collects the times. */
export class OperationTimes {
  /** All of them. */
  readonly all: DurationHistogram = new DurationHistogram();
  readonly #histogram: MetricHistogram;
  readonly #attributesOf: (name: OperationName) => MetricAttributes;
  readonly #series = new Map<OperationName, HistogramSeries>();

  /** @param attributesOf asked at the first time of each kind, when the store is open */
  constructor(histogram: MetricHistogram, attributesOf: (name: OperationName) => MetricAttributes) {
    this.#histogram = histogram;
    this.#attributesOf = attributesOf;
  }

  record(name: OperationName, ms: number): void {
    this.all.record(ms);
    let series = this.#series.get(name);
    if (series === undefined) {
      series = this.#histogram.series(this.#attributesOf(name));
      this.#series.set(name, series);
    }
    series.record(Math.max(ms, 0) / 1000);
  }
}
