import { describe, expect, test } from "bun:test";
import { TelepoolError } from "../errors.ts";
import { decodeJsonObject, encodeJsonObject, MAX_JSON_DEPTH, MAX_JSON_LENGTH } from "./json.ts";

function thrownBy(work: () => unknown): TelepoolError {
  try {
    work();
  } catch (error) {
    if (error instanceof TelepoolError) return error;
    throw error;
  }
  return expect.unreachable("it was accepted");
}

function refusal(value: unknown): TelepoolError {
  return thrownBy(() => encodeJsonObject(value, "profile"));
}

function nested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level++) value = { inner: value };
  return value;
}

describe("what JSON can say", () => {
  test.each([
    [{}],
    [{ a: 1, b: "x", c: null, d: true, e: [1, [2, { f: {} }]] }],
    [{ big: Number.MAX_VALUE, small: Number.MIN_VALUE, exact: 2 ** 53 }],
    [{ "": "", "a b": { "c.d": '\\ " \n \u0001 \u2028' } }],
    [Object.assign(Object.create(null) as object, { bare: true })],
  ])("%j comes back as it was", (value) => {
    expect(decodeJsonObject(encodeJsonObject(value, "profile"))).toEqual({ ...value });
  });

  test("an undefined member counts as absent", () => {
    expect(encodeJsonObject({ a: undefined, b: 1 }, "profile")).toBe('{"b":1}');
  });

  test("-0 is stored as 0, as JSON has it", () => {
    expect(encodeJsonObject({ a: -0 }, "profile")).toBe('{"a":0}');
  });

  test("a key __proto__ is a key like any other", () => {
    const value = JSON.parse('{"__proto__": {"x": 1}}');
    expect(encodeJsonObject(value, "profile")).toBe('{"__proto__":{"x":1}}');
    expect(Object.hasOwn(decodeJsonObject('{"__proto__":{"x":1}}'), "__proto__")).toBe(true);
  });

  test("the same object may stand in several places", () => {
    const shared = { x: 1 };
    expect(encodeJsonObject({ a: shared, b: [shared, shared] }, "profile")).toBe('{"a":{"x":1},"b":[{"x":1},{"x":1}]}');
  });

  test("a text that only looks like an escape is accepted", () => {
    expect(encodeJsonObject({ a: "\\u0000", b: "\u0001" }, "profile")).toBe('{"a":"\\\\u0000","b":"\\u0001"}');
  });

  test("a hundred levels are accepted", () => {
    expect(encodeJsonObject(nested(MAX_JSON_DEPTH), "profile").length).toBeGreaterThan(0);
  });
});

describe("what is refused, with its path", () => {
  const circle: Record<string, unknown> = { a: [{}] };
  circle.a = [{ back: circle }];
  class Point {
    readonly x = 1;
  }
  const flaws: [string, unknown, string, string][] = [
    ["null", null, "profile", "must be a JSON object (got null)"],
    ["an array", [], "profile", "must be a JSON object (got an array)"],
    ["a text", "{}", "profile", "must be a JSON object (got string)"],
    ["a function", { a: { b: () => 1 } }, "profile.a.b", "function"],
    ["a symbol", { a: [1, Symbol("s")] }, "profile.a[1]", "symbol"],
    ["a BigInt", { "a b": 1n }, 'profile["a b"]', "bigint"],
    ["NaN", { a: Number.NaN }, "profile.a", "NaN"],
    ["Infinity", { a: Number.POSITIVE_INFINITY }, "profile.a", "Infinity"],
    ["an undefined element", { a: [undefined] }, "profile.a[0]", "undefined"],
    ["a hole", { a: new Array(2) }, "profile.a[0]", "undefined"],
    ["a cycle", circle, "profile.a[0].back", "refers back"],
    ["a date", { at: new Date(0) }, "profile.at", "Date instance"],
    ["an instance", new Point(), "profile", "Point instance"],
    ["a map", { a: new Map() }, "profile.a", "Map instance"],
    ["toJSON", { a: { toJSON: 1 } }, "profile.a.toJSON", "JSON.stringify would call"],
    ["NUL in a text", { a: ["x\0"] }, "profile.a[0]", "NUL"],
    ["NUL in a key", { a: { "x\0": 1 } }, "profile.a", "NUL"],
    ["half a pair in a text", { a: "\ud800" }, "profile.a", "surrogate"],
    ["half a pair in a key", { "\udc00": 1 }, "profile", "surrogate"],
  ];

  test.each(flaws)("%s", (_name, value, field, rule) => {
    const error = refusal(value);
    expect(error).toMatchObject({ code: "INVALID_PROFILE", field });
    expect(error.message).toContain(rule);
  });

  test("101 levels", () => {
    expect(refusal(nested(MAX_JSON_DEPTH + 1))).toMatchObject({ code: "INVALID_PROFILE" });
  });

  test("a document over the size limit, without repeating it", () => {
    const { message } = refusal({ text: "x".repeat(MAX_JSON_LENGTH) });
    expect(message).toContain(`at most ${MAX_JSON_LENGTH}`);
    expect(message.length).toBeLessThan(200);
  });
});

describe("a stored text that something else has changed", () => {
  test.each(["secret", "", '{"secret":', "[1]", "7", "null", '"secret"'])("%j is DATABASE_CORRUPT", (text) => {
    const error = thrownBy(() => decodeJsonObject(text));
    expect(error).toMatchObject({ code: "DATABASE_CORRUPT" });
    expect(error.cause).toBeUndefined(); // the parser's message repeats the text
    expect(error.message).not.toContain("secret");
  });
});
