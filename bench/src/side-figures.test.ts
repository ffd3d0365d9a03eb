import { expect, test } from "bun:test";
import { SideFigures } from "./side-figures.ts";

test("figures beside a rate are a case of their own, without those of the warm-up", () => {
  const side = new SideFigures();
  for (const round of [0, 1, 2]) {
    side.add("ours", round);
    side.add("theirs", 10 * round);
  }
  const { figures, ...which } = side.measured("pg", "cpu", "µs");
  expect(which).toEqual({ suite: "pg", name: "cpu", unit: "µs" });
  expect([...figures]).toEqual([
    ["ours", [1, 2]],
    ["theirs", [10, 20]],
  ]);
});
