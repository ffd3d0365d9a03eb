import { expect, test } from "bun:test";
import { TokenBucket } from "./token-bucket.ts";

function bucketAt(ratePerSecond: number) {
  let now = 0;
  const bucket = new TokenBucket(ratePerSecond, () => now);
  return { bucket, pass: (ms: number) => (now += ms) };
}

test("as many requests as fit into a second are let through at once, and no more", () => {
  const { bucket } = bucketAt(3);
  expect([1, 2, 3, 4].map(() => bucket.take().allowed)).toEqual([true, true, true, false]);
});

test("a refused request is told how long to wait, and is let through after that", () => {
  const { bucket, pass } = bucketAt(2);
  bucket.take();
  bucket.take();
  const { allowed, retryAfterMs } = bucket.take();
  expect({ allowed, retryAfterMs }).toEqual({ allowed: false, retryAfterMs: 500 });
  pass(499);
  expect(bucket.take().allowed).toBe(false);
  pass(1);
  expect(bucket.take().allowed).toBe(true);
});

test("a bucket that was left alone for long holds one second's worth", () => {
  const { bucket, pass } = bucketAt(5);
  pass(1e9);
  expect(bucket.take().remaining).toBe(4);
});

test("a rate below one lets one request through at a time", () => {
  const { bucket, pass } = bucketAt(0.1);
  expect(bucket.take()).toEqual({ allowed: true, remaining: 0, retryAfterMs: 10_000 });
  expect(bucket.take().allowed).toBe(false);
  pass(10_000);
  expect(bucket.take().allowed).toBe(true);
});
