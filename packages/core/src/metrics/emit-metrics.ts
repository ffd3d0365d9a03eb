/**
 * A set's metrics through OpenTelemetry. Counters and gauges are read when the SDK collects, all in one callback and from one
 * snapshot; histograms are recorded twice, here and there, for OpenTelemetry has no histograms that can be read.
 */
import type { Meter, MeterProvider, Observable, ObservableCallback } from "./meter-provider.ts";
import type { NumberFamily } from "./metric-family.ts";
import type { MetricHistogram } from "./metric-histogram.ts";
import type { MetricSet } from "./metric-set.ts";

/** The name of the instrumentation scope. */
const METER_NAME = "@telepool/core";

/** Emits what is defined by now; returns the function that ends it. Counters that end are missing in the next collection. */
export function emitMetrics(set: MetricSet, provider: MeterProvider): () => void {
  const meter = provider.getMeter(METER_NAME);
  const instruments = new Map<string, Observable>();
  for (const family of set.families()) {
    if (family.type !== "histogram") instruments.set(family.name, observable(meter, family));
  }
  const callback: ObservableCallback = (result) => {
    for (const family of set.families()) {
      const instrument = instruments.get(family.name);
      if (instrument === undefined || family.type === "histogram") continue;
      for (const { value, attributes } of family.points) result.observe(instrument, value, attributes);
    }
  };
  const observables = [...instruments.values()];
  meter.addBatchObservableCallback(callback, observables);
  const ends = set.histograms.map((histogram) => forward(meter, histogram));
  return () => {
    meter.removeBatchObservableCallback(callback, observables);
    for (const end of ends) end();
  };
}

function observable(meter: Meter, { type, name, unit, description }: NumberFamily): Observable {
  const options = { unit, description };
  if (type === "counter") return meter.createObservableCounter(name, options);
  return type === "gauge"
    ? meter.createObservableGauge(name, options)
    : meter.createObservableUpDownCounter(name, options);
}

function forward(meter: Meter, histogram: MetricHistogram): () => void {
  const { name, unit, description, bounds } = histogram.definition;
  const advice = { explicitBucketBoundaries: [...bounds] };
  const live = meter.createHistogram(name, { unit, description, advice });
  return histogram.forward((value, attributes) => live.record(value, attributes));
}
