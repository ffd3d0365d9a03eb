/**
 * The instruments of one part of a program, defined once. From a set come both Prometheus' text, which the server writes
 * of `families()`, and OpenTelemetry's metrics (emit-metrics.ts).
 *
 * Counters and gauges cost nothing until somebody looks: they are read by a callback. Histograms are recorded. It is our own
 * because a program that only wants to be looked at should not pay for an SDK: docs/decisions/0010-metrics.md.
 */
import { TelepoolError } from "../errors.ts";
import type { MetricDefinition, MetricFamily, NumberFamily, NumberPoint } from "./metric-family.ts";
import { type HistogramDefinition, MetricHistogram } from "./metric-histogram.ts";

/** Says how things stand; called for each snapshot. */
export type Observe = () => Iterable<NumberPoint>;

/** Instruments by name. */
export class MetricSet {
  readonly #instruments = new Map<string, () => MetricFamily>();
  readonly #histograms: MetricHistogram[] = [];

  /** A number that only grows. */
  counter(definition: MetricDefinition, observe: Observe): void {
    this.#observed("counter", definition, observe);
  }

  /** A number that goes up and down, and whose points have a meaningful sum. */
  upDownCounter(definition: MetricDefinition, observe: Observe): void {
    this.#observed("upDownCounter", definition, observe);
  }

  /** A level. */
  gauge(definition: MetricDefinition, observe: Observe): void {
    this.#observed("gauge", definition, observe);
  }

  histogram(definition: HistogramDefinition): MetricHistogram {
    const histogram = new MetricHistogram(definition);
    this.#add(definition, () => histogram.family());
    this.#histograms.push(histogram);
    return histogram;
  }

  /** The histograms, in the order of their definition. */
  get histograms(): readonly MetricHistogram[] {
    return this.#histograms;
  }

  /** All metrics as they stand now, in the order of their definition. */
  families(): MetricFamily[] {
    return [...this.#instruments.values()].map((read) => read());
  }

  #observed(type: NumberFamily["type"], definition: MetricDefinition, observe: Observe): void {
    this.#add(definition, () => ({ ...definition, type, points: [...observe()] }));
  }

  #add({ name }: MetricDefinition, read: () => MetricFamily): void {
    if (this.#instruments.has(name)) {
      throw new TelepoolError("INVALID_ARGUMENT", `the metric ${name} is defined already`, { field: "name" });
    }
    this.#instruments.set(name, read);
  }
}
