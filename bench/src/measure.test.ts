import { describe, expect, test } from "bun:test";
import { best, type Measured, measure, median, percentile, ratio } from "./measure.ts";

function measured(figures: Record<string, number[]>): Measured {
  return { suite: "test", name: "case", unit: "ms", figures: new Map(Object.entries(figures)) };
}

describe("measuring", () => {
  test("the median is the middle value, or the mean of the two middle ones", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test("a percentile is the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile([7], 1)).toBe(7);
  });

  test("a ratio is taken round by round, so a slow hour does not count", () => {
    const drifting = measured({ ours: [10, 100, 1000], theirs: [20, 200, 2000] });
    expect(ratio(drifting, "ours", "theirs")).toBe(0.5);
  });

  test("the best of several is the least or the greatest median", () => {
    const figures = measured({ a: [1, 9, 9], b: [5, 5, 5], c: [7, 7, 1] });
    expect(best(figures, ["a", "b", "c"], "less")).toBe("b");
    expect(best(figures, ["a", "b", "c"], "more")).toBe("a");
  });

  test("an unknown subject is an error and not a NaN in the report", () => {
    expect(() => ratio(measured({ ours: [1] }), "ours", "nobody")).toThrow("no subject nobody");
  });

  test("every subject runs once to warm up and once in every round, and another one begins each round", async () => {
    const order: string[] = [];
    const subject = (name: string) => ({ name, run: () => order.push(name) });
    const result = await measure({
      suite: "test",
      name: "case",
      unit: "n",
      rounds: 2,
      subjects: [subject("a"), subject("b")],
    });
    expect(order).toEqual(["a", "b", "a", "b", "b", "a"]);
    expect(result.figures.get("a")).toEqual([3, 6]);
  });
});
