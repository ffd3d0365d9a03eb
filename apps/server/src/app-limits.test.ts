import { expect, test } from "bun:test";
import { parseLimits } from "./app-limits.ts";

test("every limit has a default", () => {
  expect(parseLimits({}, "limits")).toEqual({
    maxBodyBytes: 16 * 1024 * 1024,
    maxBytesUnderWay: 64 * 1024 * 1024,
    requestTimeoutS: 30,
    idleMs: 30_000,
    queryTimeoutMs: 25_000,
    maxImports: 64,
    maxLongQueries: 8,
    maxTailReaders: 100,
  });
});

test("defaults follow the limits that they depend on", () => {
  expect(parseLimits({ maxBodyBytes: 2 ** 30 }, "limits").maxBytesUnderWay).toBe(2 ** 30);
  expect(parseLimits({ requestTimeoutS: 10 }, "limits").queryTimeoutMs).toBe(9000);
});

for (const [limits, message] of [
  [{ maxBodyBytes: 0 }, "limits.maxBodyBytes: must be a whole number from 1 to 1073741824 bytes"],
  [{ maxBodyBytes: 10, maxBytesUnderWay: 9 }, "limits.maxBytesUnderWay must be at least the largest body, 10 (got 9)"],
  [{ queryTimeoutMs: 30_000 }, "limits.queryTimeoutMs must be less than the time of a request, 30 s (got 30000)"],
  [{ requestTimeoutS: 256 }, "limits.requestTimeoutS: must be a whole number from 1 to 255 seconds"],
  [{ maxTails: 1 }, "limits.maxTails is not an option; did you mean"],
] as const) {
  test(`${JSON.stringify(limits)} is refused with its rule`, () => {
    expect(() => parseLimits(limits as object, "limits")).toThrow(message);
  });
}
