import { expect, test } from "bun:test";
import { byCodePoints, inOrderOfIds } from "./by-code-points.ts";

test("texts are ordered as the bytes of their UTF-8 are", () => {
  const texts = [
    "",
    "a",
    "aa",
    "a\u{1f600}",
    "a\uffff",
    "a\ue000",
    "b",
    "\u{10000}",
    "\u{10ffff}",
    "\ud7ff",
    "\uffff",
    "é",
    "z",
  ];
  const byBytes = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(texts.toSorted(byCodePoints)).toEqual(byBytes);
  expect(texts.toSorted()).not.toEqual(byBytes);
  expect(byCodePoints("same", "same")).toBe(0);
});

test("rows are put in the order of their ids, and equal ids stay as they came", () => {
  const ordered = ["a", "b", "b", "\uffff", "\u{1f600}"].map((id) => ({ id }));
  expect(inOrderOfIds(ordered)).toBe(ordered);
  const rows = ["b", "a", "b", "c", "a"].map((id, n) => ({ id, n }));
  expect(inOrderOfIds(rows).map(({ id, n }) => `${id}${n}`)).toEqual(["a1", "a4", "b0", "b2", "c3"]);
  expect(rows[0]?.n).toBe(0);
});
