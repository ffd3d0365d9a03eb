import { expect, test } from "bun:test";
import { byCodePoints } from "./by-code-points.ts";

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
