/** What callers are told when connections are lost while their rows are written. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TelemetryPool } from "../telemetry-pool.ts";
import { sampleInput, sampleInputs } from "../testing/conformance/sample-rows.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";

const UNKNOWN = { code: "COMMIT_OUTCOME_UNKNOWN", message: "gone in a commit" } as const;

let clock: FakeClock;
let driver: FakeDriver;
let store: TelemetryPool;

beforeEach(async () => {
  clock = new FakeClock({ seed: 5 });
  driver = fakeDriver({ clock });
  store = new TelemetryPool({ driver, clock });
  await store.open();
});

afterEach(async () => {
  const closing = store.close();
  await clock.advance(60_000);
  await closing;
});

/** Lets time pass until `work` has settled. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  work.then(end, end);
  for (let turn = 0; turn < 200 && !isOver; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await clock.advance(100);
  }
  return await work;
}

describe("when the answer to a commit is lost", () => {
  test("rows that were not committed are written, and their callers know nothing of it", async () => {
    driver.failNext("writeProfiles", UNKNOWN);
    const outcomes = await settled(Promise.all(sampleInputs(5).map((input) => store.addProfile(input))));
    expect(outcomes.every(({ duplicate }) => !duplicate)).toBe(true);
    expect(driver.profiles.size).toBe(5);
    expect(driver.count("writeProfiles")).toBe(2);
  });

  test("a duplicate among rows that were not committed is told", async () => {
    await settled(store.addProfile(sampleInput(1)));
    driver.failNext("writeProfiles", UNKNOWN);
    const outcomes = await settled(Promise.all(sampleInputs(3).map((input) => store.addProfile(input))));
    expect(outcomes.map(({ duplicate }) => duplicate)).toEqual([false, true, false]);
  });

  test("a refused row is split off as ever", async () => {
    driver.failNext("writeProfiles", UNKNOWN);
    driver.failNext("writeProfiles", { code: "CONSTRAINT_VIOLATED", message: "refused" }, 2);
    const outcomes = await settled(Promise.allSettled(sampleInputs(2).map((input) => store.addProfile(input))));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  test("it is told only when the database stays away", async () => {
    driver.failNext("writeProfiles", UNKNOWN, 100_000);
    const error = await settled(store.addProfile(sampleInput(1)).catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: "COMMIT_OUTCOME_UNKNOWN" });
    await drainMicrotasks();
    expect(store.stats().queues.profiles.rejected).toBe(1);
  });
});
