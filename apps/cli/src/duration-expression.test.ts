import { expect, test } from "bun:test";
import { parseDuration } from "./duration-expression.ts";

test("every unit is understood", () => {
  expect(["500ms", "45s", "90m", "12h", "30d", "2w", "0s", "0.5h"].map(parseDuration)).toEqual([
    500, 45_000, 5_400_000, 43_200_000, 2_592_000_000, 1_209_600_000, 0, 1_800_000,
  ]);
});

test.each(["", "30", "d", "-1d", "1 d", "1y", "1D", "99999999999999w", "1constructor"])("%p is refused", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
