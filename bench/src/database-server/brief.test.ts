import { expect, test } from "bun:test";
import { withClaim } from "./brief.ts";

test("a claim stands behind what was measured, under its own name and with no rounds", () => {
  const results = withClaim(
    { suite: "pg", name: "speed", unit: "rows/s", figures: new Map([["telepool", [3, 5]]]) },
    9,
  );
  expect(results.map(({ subject, median, n }) => [subject, median, n])).toEqual([
    ["telepool", 4, 2],
    ["the brief, as claimed", 9, 0],
  ]);
});
