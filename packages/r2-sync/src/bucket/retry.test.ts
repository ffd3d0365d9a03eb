import { expect, test } from "bun:test";
import { drainMicrotasks, FakeClock } from "@telepool/core/testing";
import { RequestTimeout, type RetryPolicy, withDeadline, withRetries } from "./retry.ts";

function policy(clock: FakeClock, change: Partial<RetryPolicy> = {}): RetryPolicy {
  const { signal } = new AbortController();
  return { clock, retryTimeoutMs: 30_000, signal, mayPass: () => ({}), onRetry: () => {}, ...change };
}

/** Fails so often, and then gives the number of its attempts. */
function failing(times: number): () => Promise<number> {
  let attempts = 0;
  return async () => {
    if (++attempts <= times) throw new Error(`failure ${attempts}`);
    return attempts;
  };
}

test("no pause is longer than 100 ms, doubled after each failure, nor than 5 s", async () => {
  const clock = new FakeClock();
  clock.random = () => 0.999;
  const pauses: number[] = [];
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (fn, ms) => {
    pauses.push(Math.ceil(ms));
    return setTimer(fn, ms);
  };
  const result = withRetries(failing(8), policy(clock));
  await clock.advance(30_000);
  expect(await result).toBe(9);
  expect(pauses).toEqual([100, 200, 400, 800, 1599, 3197, 4995, 4995]);
});

test("no attempt begins after the time for retries, and the last failure is thrown", async () => {
  const clock = new FakeClock();
  clock.random = () => 0.5;
  let retries = 0;
  const result = withRetries(failing(99), policy(clock, { retryTimeoutMs: 400, onRetry: () => void retries++ }));
  const caught = result.catch((error: unknown) => error);
  await clock.advance(10_000);
  expect(await caught).toEqual(new Error("failure 4")); // after 50, 100 and 200 ms; 400 more would be too late
  expect(retries).toBe(3);
});

test("a failure that will not pass is thrown at once", async () => {
  const clock = new FakeClock();
  await expect(withRetries(failing(1), policy(clock, { mayPass: () => undefined }))).rejects.toThrow("failure 1");
  expect(clock.pendingTimers).toBe(0);
});

test("a pause ends when the signal fires, and leaves no timer", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const result = withRetries(failing(9), policy(clock, { signal: controller.signal }));
  await drainMicrotasks();
  expect(clock.pendingTimers).toBe(1);
  controller.abort();
  await expect(result).rejects.toMatchObject({ code: "ABORTED" });
  expect(clock.pendingTimers).toBe(0);
});

test("after the signal has fired nothing is tried again", async () => {
  const clock = new FakeClock();
  await expect(withRetries(failing(1), policy(clock, { signal: AbortSignal.abort() }))).rejects.toThrow("failure 1");
});

test("an attempt that takes too long is ended, and its signal fires", async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  let attemptsSignal: AbortSignal | undefined;
  const result = withDeadline(
    (own) => {
      attemptsSignal = own;
      return new Promise<never>(() => {});
    },
    { clock, timeoutMs: 1000, signal },
  ).catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await result).toEqual(new RequestTimeout(1000));
  expect(attemptsSignal?.aborted).toBe(true);
});

test("an attempt that is in time leaves neither a timer nor a listener that matters", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  expect(await withDeadline(async () => 7, { clock, timeoutMs: 1000, signal: controller.signal })).toBe(7);
  expect(clock.pendingTimers).toBe(0);
  controller.abort();
});
