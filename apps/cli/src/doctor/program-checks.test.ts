import { expect, test } from "bun:test";
import { checkBun, checkClock } from "./program-checks.ts";

test("a Bun that is too old fails", () => {
  expect(checkBun("1.4.5", ">=1.4.5").status).toBe("ok");
  expect(checkBun("1.3.9", ">=1.4.5")).toMatchObject({
    status: "fail",
    advice: expect.stringContaining("bun upgrade"),
  });
});

test("a clock before the first version cannot be right", () => {
  expect(checkClock(Date.UTC(2027, 0)).status).toBe("ok");
  expect(checkClock(0).status).toBe("fail");
});
