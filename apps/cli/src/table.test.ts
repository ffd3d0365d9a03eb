import { expect, test } from "bun:test";
import { pairs, table } from "./table.ts";

test("columns are aligned by what a terminal shows, numbers to the right", () => {
  expect(
    table(
      ["NAME", "COUNT"],
      [
        ["数据", 5],
        ["zoë", 1000],
      ],
    ),
  ).toBe("NAME  COUNT\n数据      5\nzoë    1000\n");
});

test("a cell cannot break out of its line", () => {
  expect(table(["NAME"], [["a\nb\u001b[31m"]])).toBe("NAME\na\\nb\\u001b[31m\n");
});

test("pairs stand below each other", () => {
  expect(
    pairs([
      ["size", "1 B"],
      ["profiles", 3],
    ]),
  ).toBe("size      1 B\nprofiles  3\n");
});
