import { describe, expect, test } from "bun:test";
import { abortedError, isTelepoolError, TelepoolError } from "./errors.ts";

describe("an error of telepool", () => {
  test("carries its code, its field, its cause and when to come back", () => {
    const cause = new Error("underneath");
    const error = new TelepoolError("QUEUE_FULL", "full", { cause, field: "rows", retryAfterMs: 5 });
    expect(error).toMatchObject({ name: "TelepoolError", code: "QUEUE_FULL", field: "rows", retryAfterMs: 5, cause });
    expect(error).toBeInstanceOf(Error);
  });

  test("shows a client its code, message and field, never its cause or stack", () => {
    const error = new TelepoolError("INVALID_OPTION", "wrong", { cause: new Error("password"), field: "pool.max" });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: "INVALID_OPTION", message: "wrong", field: "pool.max" });
    expect(JSON.stringify(new TelepoolError("ABORTED", "gone"))).toBe('{"code":"ABORTED","message":"gone"}');
  });

  test("has no cause when it was given none", () => {
    expect("cause" in new TelepoolError("ABORTED", "gone")).toBe(false);
  });

  test("is told from other errors, and by its code", () => {
    const error = new TelepoolError("ABORTED", "gone");
    expect(isTelepoolError(error)).toBe(true);
    expect(isTelepoolError(error, "ABORTED")).toBe(true);
    expect(isTelepoolError(error, "POOL_CLOSED")).toBe(false);
    for (const other of [new Error("x"), { code: "ABORTED" }, null, undefined])
      expect(isTelepoolError(other)).toBe(false);
  });

  test("of an abort names what was aborted, and has the signal's reason as its cause", () => {
    const error = abortedError(AbortSignal.abort("too slow"), "the query");
    expect(error).toMatchObject({ code: "ABORTED", cause: "too slow" });
    expect(error.message).toContain("the query");
  });
});
