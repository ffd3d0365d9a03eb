/** What a real OpenTelemetry SDK makes of a set. */
import { beforeEach, expect, test } from "bun:test";
import { byName, OtelRig } from "../../test/otel-rig.ts";
import { emitMetrics } from "./emit-metrics.ts";
import type { MetricHistogram } from "./metric-histogram.ts";
import { MetricSet } from "./metric-set.ts";

let set: MetricSet;
let time: MetricHistogram;
let rows: number;
let reads: number;

beforeEach(() => {
  set = new MetricSet();
  rows = 0;
  reads = 0;
  set.counter({ name: "x.rows", unit: "{row}", description: "Rows so far." }, () => {
    reads++;
    return [{ attributes: { "x.kind": "a" }, value: rows }];
  });
  set.upDownCounter({ name: "x.connections", unit: "{connection}", description: "Open now." }, () => [
    { attributes: { "x.state": "idle" }, value: 2 },
    { attributes: { "x.state": "used" }, value: 3 },
  ]);
  set.gauge({ name: "x.bytes", unit: "By", description: "Held now." }, () => [{ attributes: {}, value: 1.5 }]);
  time = set.histogram({ name: "x.time", unit: "s", description: "How long.", bounds: [0.001, 0.1, 5] });
});

test("an SDK has the same names, units, kinds, buckets and values as the set", async () => {
  await using otel = new OtelRig();
  emitMetrics(set, otel.provider);
  for (const seconds of [0, 0.001, 0.0011, 0.1, 4, 5, 6]) time.series({ "x.name": "one" }).record(seconds);
  time.series({ "x.name": "two" }).record(0.5);
  rows = 7;
  expect(await otel.collect()).toEqual(byName(set.families()));
  rows = 9;
  time.series({ "x.name": "two" }).record(50);
  expect(await otel.collect()).toEqual(byName(set.families()));
});

test("several SDKs can have it", async () => {
  await using one = new OtelRig();
  await using other = new OtelRig();
  emitMetrics(set, one.provider);
  emitMetrics(set, other.provider);
  time.series({}).record(1);
  expect(await one.collect()).toEqual(byName(set.families()));
  expect(await other.collect()).toEqual(byName(set.families()));
});

test("one collection reads each number once", async () => {
  await using otel = new OtelRig();
  emitMetrics(set, otel.provider);
  const before = reads;
  await otel.collect();
  expect(reads).toBe(before + 1);
});

test("after its end nothing is read and nothing recorded any more", async () => {
  await using otel = new OtelRig();
  const end = emitMetrics(set, otel.provider);
  const series = time.series({});
  series.record(1);
  end();
  series.record(1);
  const before = reads;
  const left = await otel.collect();
  expect(reads).toBe(before);
  expect(left.flatMap(({ name, points }) => points.map((point) => [name, "count" in point && point.count]))).toEqual([
    ["x.time", 1],
  ]);
});
