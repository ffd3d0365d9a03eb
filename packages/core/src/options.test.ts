import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { refusal } from "../test/refusal.ts";
import { durationMs, durationMsOrNever, parseOptions, wholeNumber } from "./options.ts";
import { parseStoreOptions, type StoreOptions } from "./store-options.ts";

const schema = v.strictObject({
  size: v.optional(wholeNumber(1, 10, "rows"), 5),
  password: v.optional(v.pipe(v.string(), v.minLength(8, "must have 8 characters"))),
  waitMs: v.optional(durationMs, 0),
  lifeMs: v.optional(durationMsOrNever, Number.POSITIVE_INFINITY),
});

describe("options", () => {
  test("are completed with their defaults and frozen", () => {
    const options = parseOptions(schema, {}, "x");
    expect(options).toEqual({ size: 5, waitMs: 0, lifeMs: Number.POSITIVE_INFINITY });
    expect(Object.isFrozen(options)).toBe(true);
  });

  test.each([0, 11, 1.5, Number.NaN, "5", null])(
    "a value against its rule is refused with path, rule and value: %p",
    (size) => {
      const error = refusal(() => parseOptions(schema, { size }, "x"));
      expect(error).toMatchObject({ code: "INVALID_OPTION", field: "x.size" });
      expect(error.message).toContain("x.size: must be a whole number from 1 to 10 rows (got ");
    },
  );

  test("a secret is never repeated", () => {
    const { message } = refusal(() => parseOptions(schema, { password: "hunter2" }, "x"));
    expect(message).toBe("x.password: must have 8 characters");
  });

  test.each([
    ["durations", { waitMs: 2 ** 31 }, "x.waitMs"],
    ["durations that may never end", { lifeMs: -1 }, "x.lifeMs"],
    ["durations that never end, where they must", { waitMs: Number.POSITIVE_INFINITY }, "x.waitMs"],
  ])("%s out of range are refused", (_name, input, field) => {
    expect(refusal(() => parseOptions(schema, input, "x")).field).toBe(field);
  });

  test.each([[undefined], [null], [5], ["text"]])("%p is no set of options", (input) => {
    expect(refusal(() => parseOptions(schema, input, "x"))).toMatchObject({ code: "INVALID_OPTION", field: "x" });
  });

  test("an unknown option is refused with the nearest known one", () => {
    const error = refusal(() => parseOptions(schema, { sice: 5 }, "x"));
    expect(error).toMatchObject({ field: "x.sice", message: "x.sice is not an option; did you mean size?" });
  });
});

test("an option that must be given says so", () => {
  const { message, field } = refusal(() => parseOptions(v.strictObject({ size: wholeNumber(1, 10) }), {}, "x"));
  expect({ message, field }).toEqual({ message: "x.size is missing", field: "x.size" });
});

describe("the options of a store", () => {
  test("have defaults", () => {
    expect(parseStoreOptions({})).toEqual({
      pool: {},
      writeQueue: {
        maxBatchRows: 1000,
        maxBatchBytes: 4 * 1024 * 1024,
        maxQueueRows: 50_000,
        maxQueueBytes: 64 * 1024 * 1024,
        maxWaiting: 50_000,
        maxWaitingBytes: 256 * 1024 * 1024,
      },
      lookupQueue: { maxBatchKeys: 500, maxWaiting: 100_000 },
      retryTimeoutMs: 10_000,
      closeTimeoutMs: 30_000,
    });
  });

  test.each([
    [{ retryTimeoutMS: 5 }, "options.retryTimeoutMS is not an option; did you mean retryTimeoutMs?"],
    [{ writeQueue: { maxBatchRow: 5 } }, "options.writeQueue.maxBatchRow is not an option; did you mean maxBatchRows?"],
    [{ lookupQueue: { maxKeys: 5 } }, "options.lookupQueue.maxKeys is not an option; did you mean maxBatchKeys?"],
    [{ pool: { maximum: 5 } }, "options.pool.maximum is not an option; did you mean max?"],
    [
      { pool: { connectBackoff: { initialMs: 5, maxMs: 5, maxMS: 5 } } },
      "options.pool.connectBackoff.maxMS is not an option; did you mean maxMs?",
    ],
  ])("%j is refused: %s", (options, message) => {
    expect(refusal(() => parseStoreOptions(options as StoreOptions)).message).toBe(message);
  });

  test.each([
    [{ pool: 5 }, "options.pool"],
    [{ pool: { max: 0 } }, "options.pool.max"],
    [{ pool: { min: 5, max: 3 } }, "options.pool.min"],
    [{ writeQueue: { maxQueueBytes: 0 } }, "options.writeQueue.maxQueueBytes"],
    [{ closeTimeoutMs: 0 }, "options.closeTimeoutMs"],
  ])("%j is refused at %s", (options, field) => {
    expect(refusal(() => parseStoreOptions(options as unknown as StoreOptions))).toMatchObject({
      code: "INVALID_OPTION",
      field,
    });
  });
});
