/** An OpenTelemetry SDK for tests, and what it has collected in the form that our sets have. */
import { DataPointType, MeterProvider, type MetricData, MetricReader } from "@opentelemetry/sdk-metrics";
import type { MetricAttributes, MetricFamily } from "../src/metrics/metric-family.ts";

/** Collects when it is asked. */
class AskedReader extends MetricReader {
  override async onForceFlush(): Promise<void> {}
  override async onShutdown(): Promise<void> {}
}

/** A real meter provider, and what arrived there. */
export class OtelRig implements AsyncDisposable {
  readonly provider: MeterProvider;
  readonly #reader = new AskedReader();

  constructor() {
    this.provider = new MeterProvider({ readers: [this.#reader] });
  }

  /** What our meter has by now, by name; the SDK leaves out what has no points. */
  async collect(): Promise<MetricFamily[]> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) throw new AggregateError(errors);
    const ours = resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name === "@telepool/core");
    return byName(ours.flatMap(({ metrics }) => metrics.map(familyOf)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider.shutdown();
  }
}

/** Families that have points, in the order of their names. */
export function byName(families: readonly MetricFamily[]): MetricFamily[] {
  return families.filter(({ points }) => points.length > 0).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function familyOf(data: MetricData): MetricFamily {
  const { name, unit, description } = data.descriptor;
  const definition = { name, unit, description };
  if (data.dataPointType === DataPointType.HISTOGRAM) {
    const bounds = data.dataPoints[0]?.value.buckets.boundaries ?? [];
    const points = data.dataPoints.map(({ attributes, value: { buckets, count, sum } }) => {
      return { attributes: attributes as MetricAttributes, buckets: buckets.counts, count, sum: sum ?? Number.NaN }; // we give texts only
    });
    return { ...definition, type: "histogram", bounds, points };
  }
  if (data.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) throw new Error(`${name} has no bounds`);
  const points = data.dataPoints.map(({ attributes, value }) => {
    return { attributes: attributes as MetricAttributes, value }; // we give texts only
  });
  if (data.dataPointType === DataPointType.GAUGE) return { ...definition, type: "gauge", points };
  return { ...definition, type: data.isMonotonic ? "counter" : "upDownCounter", points };
}
