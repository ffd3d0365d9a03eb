import { expect, test } from "bun:test";
import { plainText, shortened } from "./plain-text.ts";

test("what could move a cursor, forge a line or turn text round is written as an escape", () => {
  expect(plainText("a\u001b[2J\nb\r\tc\u0000\u009b\u202e\u2028")).toBe(
    "a\\u001b[2J\\nb\\r\\tc\\u0000\\u009b\\u202e\\u2028",
  );
});

test("all other text stays as it is", () => {
  expect(plainText("Zoë 👩‍👩‍👧 数据 \\n")).toBe("Zoë 👩‍👩‍👧 数据 \\n");
});

test("text is cut at columns, between characters as people see them", () => {
  expect(shortened("abcdef", 6)).toBe("abcdef");
  expect(shortened("abcdefg", 6)).toBe("abcde…");
  expect(shortened("数据数据", 6)).toBe("数据…");
  expect(shortened("ab👩‍👩‍👧cd", 4)).toBe("ab…");
});
