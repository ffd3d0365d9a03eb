import { expect, test } from "bun:test";
import { int8Array, textArray } from "./binary-arrays.ts";

test("a text array is its header and each text with its length in bytes", () => {
  expect(textArray(["a", "é"]).toString("hex")).toBe(
    ["00000001", "00000000", "00000019", "00000002", "00000001", "00000001", "61", "00000002", "c3a9"].join(""),
  );
});

test("an array of 64-bit integers is its header and each number in eight bytes", () => {
  expect(int8Array([2 ** 40 + 5]).toString("hex")).toBe(
    ["00000001", "00000000", "00000014", "00000001", "00000001", "00000008", "0000010000000005"].join(""),
  );
});
