import { describe, expect, test } from "bun:test";
import { MetricSet } from "./metric-set.ts";

const definition = { name: "x.rows", unit: "{row}", description: "Rows." };

test("families come in the order of their definition, each with what it is", () => {
  const set = new MetricSet();
  set.gauge({ ...definition, name: "b" }, () => [{ attributes: {}, value: 1 }]);
  set.counter({ ...definition, name: "a" }, () => []);
  set.upDownCounter({ ...definition, name: "d" }, () => []);
  set.histogram({ ...definition, name: "c", bounds: [1] });
  expect(set.families()).toEqual([
    { ...definition, name: "b", type: "gauge", points: [{ attributes: {}, value: 1 }] },
    { ...definition, name: "a", type: "counter", points: [] },
    { ...definition, name: "d", type: "upDownCounter", points: [] },
    { ...definition, name: "c", type: "histogram", bounds: [1], points: [] },
  ]);
});

test("a snapshot stays as it is while the numbers go on", () => {
  const set = new MetricSet();
  let value = 1;
  set.counter(definition, () => [{ attributes: {}, value }]);
  const series = set.histogram({ ...definition, name: "h", bounds: [10] }).series({});
  series.record(5);
  const before = set.families();
  value = 2;
  series.record(50);
  expect(before.map(({ points }) => points)).toEqual([
    [{ attributes: {}, value: 1 }],
    [{ attributes: {}, buckets: [1, 0], count: 1, sum: 5 }],
  ]);
});

test("a name is defined once", () => {
  const set = new MetricSet();
  set.counter(definition, () => []);
  expect(() => set.histogram({ ...definition, bounds: [1] })).toThrow("the metric x.rows is defined already");
});

describe("a histogram", () => {
  test("counts a value in the first bucket whose end is not below it", () => {
    const histogram = new MetricSet().histogram({ ...definition, bounds: [1, 10, 100] });
    for (const value of [0, 1, 1.5, 10, 100, 101, 1e9]) histogram.series({}).record(value);
    expect(histogram.family().points).toEqual([
      { attributes: {}, buckets: [2, 2, 1, 2], count: 7, sum: 1_000_000_213.5 },
    ]);
  });

  test("has a series for each set of attributes, in whatever order they are given", () => {
    const histogram = new MetricSet().histogram({ ...definition, bounds: [1] });
    histogram.series({ a: "1", b: "2" }).record(5);
    histogram.series({ b: "2", a: "1" }).record(5);
    histogram.series({ a: "1" }).record(5);
    expect(histogram.family().points.map(({ attributes, count }) => ({ attributes, count }))).toEqual([
      { attributes: { a: "1", b: "2" }, count: 2 },
      { attributes: { a: "1" }, count: 1 },
    ]);
  });

  test("hands its values on until the end of it, also those of series that came before", () => {
    const histogram = new MetricSet().histogram({ ...definition, bounds: [1] });
    const series = histogram.series({ a: "1" });
    series.record(1);
    const got: unknown[] = [];
    const end = histogram.forward((value, attributes) => got.push([value, attributes]));
    series.record(2);
    histogram.series({ a: "2" }).record(3);
    end();
    end();
    series.record(4);
    expect(got).toEqual([
      [2, { a: "1" }],
      [3, { a: "2" }],
    ]);
  });
});
