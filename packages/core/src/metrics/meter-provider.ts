/**
 * The part of `@opentelemetry/api` that is called, by its shape: a program that does not have the package can still
 * type-check against ours, and every version of the package fits. Its own `MeterProvider` can be given wherever one of ours is wanted.
 */
import type { MetricAttributes } from "./metric-family.ts";

/** Gives meters; from `@opentelemetry/api` or an OpenTelemetry SDK. */
export interface MeterProvider {
  getMeter(name: string): Meter;
}

/** Makes instruments. */
export interface Meter {
  createHistogram(name: string, options: HistogramOptions): LiveHistogram;
  createObservableCounter(name: string, options: InstrumentOptions): Observable;
  createObservableUpDownCounter(name: string, options: InstrumentOptions): Observable;
  createObservableGauge(name: string, options: InstrumentOptions): Observable;
  addBatchObservableCallback(callback: ObservableCallback, observables: Observable[]): void;
  removeBatchObservableCallback(callback: ObservableCallback, observables: Observable[]): void;
}

/** What an instrument says of itself. */
export interface InstrumentOptions {
  readonly unit: string;
  readonly description: string;
}

/** The same for a histogram, with the buckets that it asks for; a view of the SDK may have others. */
export interface HistogramOptions extends InstrumentOptions {
  advice: { explicitBucketBoundaries: number[] };
}

/** Takes values as they come. */
export interface LiveHistogram {
  record(value: number, attributes: MetricAttributes): void;
}

/** An instrument that is read by callback; only passed on. */
export type Observable = object;

/** Called once for each collection. */
export type ObservableCallback = (result: ObservableResult) => void;

/** Takes what a callback has seen. */
export interface ObservableResult {
  observe(instrument: Observable, value: number, attributes: MetricAttributes): void;
}
