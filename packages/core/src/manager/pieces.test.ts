import { expect, test } from "bun:test";
import { pieces } from "./pieces.ts";

const MIB = 2 ** 20;

function sizes(items: readonly number[]): number[][] {
  return [...pieces(items, (bytes) => bytes)];
}

test("a piece has at most a thousand items", () => {
  expect(sizes(Array(2001).fill(1)).map(({ length }) => length)).toEqual([1000, 1000, 1]);
});

test("a piece has at most 4 MiB, and what is larger stands alone", () => {
  expect(sizes([MIB, 3 * MIB, 1, 5 * MIB, MIB, 4 * MIB])).toEqual([[MIB, 3 * MIB], [1], [5 * MIB], [MIB], [4 * MIB]]);
});

test("nothing has no pieces", () => {
  expect(sizes([])).toEqual([]);
});
