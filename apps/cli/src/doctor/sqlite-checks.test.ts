import { expect, test } from "bun:test";
import { judgeSpace } from "./sqlite-checks.ts";

test("a disk that fills up is a warning first and a failure then", () => {
  expect([2 * 1024 ** 3, 1024 ** 3 - 1, 1024].map((bytes) => judgeSpace(bytes).status)).toEqual(["ok", "warn", "fail"]);
});
