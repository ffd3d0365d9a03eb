import { describe, expect, test } from "bun:test";
import { isTelepoolError } from "../errors.ts";
import { parseJsonPath } from "./aggregate.ts";

function isRefused(path: unknown): boolean {
  try {
    parseJsonPath(path);
    return false;
  } catch (error) {
    return isTelepoolError(error, "INVALID_ARGUMENT") && error.field === "metric";
  }
}

describe("a path into a document", () => {
  test.each([
    ["latency", ["latency"]],
    ["$.latency", ["latency"]],
    ["a.b.c", ["a", "b", "c"]],
    ["$.a[0]", ["a", 0]],
    ["$[0][12]", [0, 12]],
    ['$["wall time"]', ["wall time"]],
    ['$.a["b.c"].d', ["a", "b.c", "d"]],
    ['$["a\\"b"]', ['a"b']],
    ['$["a\\\\"]', ["a\\"]],
    ['$["\\n\\u00e9"]', ["\né"]],
    ['$[""]', [""]],
    ["$.a-b.$c._d", ["a-b", "$c", "_d"]],
    ['$["é👍"]', ["é👍"]],
    ['$["0"]', ["0"]],
  ])("%s", (path, steps) => {
    expect(parseJsonPath(path)).toEqual(steps);
  });

  test.each([
    "",
    "$",
    ".",
    "$.",
    "a.",
    "a..b",
    "a b",
    "é",
    "0",
    "[",
    "[]",
    "[-1]",
    "[1.5]",
    "[x]",
    "[1234567890]",
    "['a']",
    '["open',
    '["a"',
    '["a"]]',
    '["\\x41"]',
    '["\\"]',
    '["a\nb"]',
    '["\\u0000"]',
    '["\\ud800"]',
    "a\0b",
    "a\ud800",
    "a; drop table profiles",
    `a${".b".repeat(500)}`,
    undefined,
    null,
    5,
    {},
    [["a"]],
  ])("%j is refused", (path) => {
    expect(isRefused(path)).toBe(true);
  });
});
