import { expect, test } from "bun:test";
import { parseSize, showSize } from "./size-expression.ts";

test.each([
  ["0", 0],
  ["1024", 1024],
  ["17B", 17],
  ["500MB", 500_000_000],
  ["1GiB", 1_073_741_824],
  ["1.5 gib", 1_610_612_736],
  ["2TiB", 2_199_023_255_552],
])("%s is understood", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "GiB", "1G", "-1MB", "1e3", "ten MB", "9999999TiB", "1constructor"])("%p is refused", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test("amounts are shown by 1024", () => {
  expect([0, 1023, 1024, 1_610_612_736, 2 ** 50].map(showSize)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.5 GiB",
    "1024.0 TiB",
  ]);
});
