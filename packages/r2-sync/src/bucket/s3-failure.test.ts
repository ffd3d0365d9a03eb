import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { BrokenAnswer, s3Failure } from "./s3-failure.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

/** An error as the SDK throws it, with the request that it answers. */
function answer(status: number, code: string, headers: Record<string, string> = {}): Error {
  const request = { headers: { authorization: "s1gnature", "x-amz-security-token": "t0ken" } };
  const $response = { statusCode: status, headers, body: { req: request } };
  return Object.assign(new Error("the message"), {
    name: code,
    Code: code,
    CanonicalRequest: "x-amz-security-token:t0ken",
    $metadata: { httpStatusCode: status },
    $response,
  });
}

test("an answer is read: status, code, time, and how long to wait", () => {
  const headers = { date: "Thu, 01 Jan 2026 00:10:00 GMT", "retry-after": "3" };
  expect(s3Failure(answer(503, "SlowDown", headers), NOW_MS)).toMatchObject({
    status: 503,
    code: "SlowDown",
    message: "the message",
    serverTimeMs: NOW_MS + 600_000,
    retryAfterMs: 3000,
    mayPass: true,
  });
});

test.each([
  ["Thu, 01 Jan 2026 00:00:09 GMT", 9000],
  ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
  ["soon", undefined],
])("Retry-After %s is %p ms", (value, ms) => {
  expect(s3Failure(answer(503, "", { "retry-after": value }), NOW_MS).retryAfterMs).toBe(ms);
});

test("the cause holds neither the signature nor the token, but the stack and the code", () => {
  const error = answer(403, "SignatureDoesNotMatch");
  const { cause } = s3Failure(error, NOW_MS);
  expect(cause).toMatchObject({ name: "SignatureDoesNotMatch", message: "the message", status: 403 });
  expect(cause.stack).toBe(error.stack ?? "");
  expect(inspect(cause, { depth: 9, showHidden: true })).not.toMatch(/t0ken|s1gnature/);
});

test.each(["Unknown", "UnknownError", "NotFound"])("%s is the SDK's name for an answer without a code", (name) => {
  expect(s3Failure(answer(404, name), NOW_MS).code).toBe("");
});

test.each([
  [answer(200, "SyntaxError"), true],
  [answer(408, ""), true],
  [answer(429, ""), true],
  [answer(400, "BadDigest"), true],
  [answer(409, "ConditionalRequestConflict"), true],
  [answer(409, "BucketNotEmpty"), false],
  [answer(403, "AccessDenied"), false],
  [answer(501, "NotImplemented"), false],
  [Object.assign(new Error("reset"), { code: "ECONNRESET" }), true],
  [Object.assign(new Error("no name"), { code: "ENOTFOUND", syscall: "getaddrinfo" }), true],
  [Object.assign(new Error("connect"), { name: "TimeoutError" }), true],
  [Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }), false],
  [new BrokenAnswer("short"), true],
  [new TypeError("a mistake of ours"), false],
  ["thrown text", false],
])("whether %p may pass is %p", (error, expected) => {
  expect(s3Failure(error, NOW_MS).mayPass).toBe(expected);
});
